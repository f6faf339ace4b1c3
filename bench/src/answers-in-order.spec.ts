import { describe, expect, it } from 'vitest';
import { answersInOrder, type Promotion } from './answers-in-order.js';
import type { TrafficSeen } from './load/traffic/traffic-plan.js';

/** Asked for at 100, 200, …; each seen to serve 50 later. */
const promotions: Promotion[] = Array.from({ length: 6 }, (_, nth) => ({
  version: nth % 2 === 0 ? '1' : '2',
  askedAtMs: nth === 0 ? 0 : nth * 100,
  servingAtMs: nth === 0 ? 0 : nth * 100 + 50,
}));

type Answer = [connection: number, version: string, sentAtMs: number, receivedAtMs: number];

const seenOf = (answers: Answer[]): TrafficSeen => {
  const versions = ['1', '2', '3'];
  return {
    connection: Uint16Array.from(answers, ([connection]) => connection),
    version: Uint16Array.from(answers, ([, version]) => versions.indexOf(version)),
    versions,
    sentAtMs: Float64Array.from(answers, ([, , sent]) => sent),
    receivedAtMs: Float64Array.from(answers, ([, , , received]) => received),
    latencyMs: new Float64Array(answers.length),
    failed: 0,
    wrong: 0,
    faults: [],
    seconds: 1,
  };
};

const older = (...answers: Answer[]): number => answersInOrder(seenOf(answers), promotions).older;

describe('answersInOrder', () => {
  it.each<[string, Answer[]]>([
    ['the version at the start', [[0, '1', 5, 10]]],
    [
      'each version while it serves',
      [
        [0, '1', 90, 110],
        [0, '2', 120, 130],
        [0, '2', 190, 195],
        [0, '1', 210, 220],
        [0, '2', 360, 370],
      ],
    ],
    ['the old one until the new one was seen to serve', [[0, '1', 149, 190]]],
    [
      'two connections that see a swap at different times',
      [
        [0, '2', 110, 120],
        [1, '1', 110, 121],
        [0, '2', 122, 125],
      ],
    ],
    [
      'a connection that slept over two swaps',
      [
        [0, '1', 10, 20],
        [0, '1', 260, 270],
      ],
    ],
    ['a request that lasted longer than a promotion', [[0, '2', 120, 310]]],
  ])('lets pass %s', (_what, answers) => {
    expect(older(...answers)).toBe(0);
  });

  it.each<[string, Answer[]]>([
    [
      'older after newer on a connection, though both are allowed by the time',
      [
        [0, '2', 110, 120],
        [0, '1', 121, 130],
      ],
    ],
    ['the old one asked after the new one was seen to serve', [[0, '1', 151, 160]]],
    ['a version before it was asked for', [[0, '2', 80, 99]]],
    ['a version that nobody promoted', [[0, '3', 120, 130]]],
  ])('refuses %s', (_what, answers) => {
    expect(older(...answers)).toBe(1);
  });

  it('tells the connection, and goes on with the rest', () => {
    const order = answersInOrder(
      seenOf([
        [0, '2', 110, 120],
        [7, '2', 110, 120],
        [7, '1', 121, 130],
        [0, '1', 210, 220],
        [7, '1', 131, 140],
      ]),
      promotions,
    );
    expect(order.older).toBe(2);
    expect(order.fault).toContain('Connection 7 was answered by version 1');
  });
});
