import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Kafka, logLevel, type Producer } from 'kafkajs';
import type { Bench } from '../bench.js';
import type { Figure } from '../figure.js';
import { takeKafkaTurn } from '../servers/kafka-turn.js';
import { Platform } from '../servers/platform.js';
import { summarise } from '../statistics.js';

const REQUESTS = 60;
const WARM_UP = 10;
const TIMEOUT_MS = 30_000;
const P50_MS = 50;
/** So that one training is over in every respect when the next is asked for. */
const PAUSE_MS = 300;

/** Somebody writes `training.requested` on Kafka; how long until the trainer has leased the job and its recipe's process is there. */
export const measureSpawn = async (bench: Bench): Promise<Figure[]> => {
  const { kafka, postgres } = bench.options.services;
  if (kafka === undefined) throw new Error('The group spawn needs Kafka.');
  bench.atEnd(await takeKafkaTurn(postgres));
  const platform = await Platform.start(bench, { bus: 'kafka', store: 'folder' });
  const trainer = await platform.startTrainer();
  const producer = new Kafka({
    brokers: kafka.split(','),
    clientId: 'baton-bench',
    logLevel: logLevel.ERROR,
  }).producer();
  await producer.connect();
  bench.atEnd(() => producer.disconnect());
  const [fromSending, fromAck]: [number[], number[]] = [[], []];
  const model = `Bench-${Date.now().toString(36)}`;
  for (let nth = 0; nth < WARM_UP + REQUESTS; nth++) {
    const sent = performance.now();
    const appeared = firstChild(trainer.pid);
    await ask(producer, model);
    const acknowledged = performance.now();
    const spawned = await appeared;
    await noChild(trainer.pid);
    await sleep(PAUSE_MS);
    if (nth < WARM_UP) continue;
    fromSending.push(spawned - sent);
    fromAck.push(Math.max(0, spawned - acknowledged));
  }
  return [
    figureOf('training.requested is on Kafka → the process of its recipe is there', fromAck),
    figureOf('training.requested is sent → the process of its recipe is there', fromSending),
  ];
};

const ask = (producer: Producer, model: string): Promise<unknown> =>
  producer.send({
    topic: 'training.requested',
    messages: [
      {
        key: model,
        value: JSON.stringify({ model, recipe: 'random-forest', parameters: { n_estimators: 1 }, register: false }),
      },
    ],
  });

/** As the kernel lists them: seen from outside, to about a millisecond, and without a word of the trainer. */
const childrenOf = (pid: number): string =>
  readFileSync(`/proc/${String(pid)}/task/${String(pid)}/children`, 'utf8').trim();

/** Looked for every millisecond: whoever looked without a pause would take one of the cores from those measured. */
const firstChild = (pid: number): Promise<number> =>
  until(
    () => childrenOf(pid) !== '',
    () => sleep(1),
  );

const noChild = (pid: number): Promise<number> =>
  until(
    () => childrenOf(pid) === '',
    () => sleep(10),
  );

const until = async (isSo: () => boolean, pause: () => Promise<unknown>): Promise<number> => {
  const deadline = performance.now() + TIMEOUT_MS;
  while (performance.now() < deadline) {
    if (isSo()) return performance.now();
    await pause();
  }
  throw new Error(`The trainer took longer than ${String(TIMEOUT_MS)} ms.`);
};

const figureOf = (name: string, latenciesMs: number[]): Figure => {
  const seconds = latenciesMs.reduce((sum, ms) => sum + ms, 0) / 1000;
  const ours = summarise([{ latenciesMs, seconds }]);
  return {
    group: 'spawn',
    name,
    ours,
    target: `p50 ≤ ${String(P50_MS)} ms`,
    met: ours.p50Ms <= P50_MS,
    notes:
      'one request after the other, random-forest on iris; in between the job is stored and leased, its attempt and run are begun',
  };
};
