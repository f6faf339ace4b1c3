import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ModelDeployed } from '#contracts';
import { SilentLogger } from '#runtime';
import { freshDatabase, services } from '#testing';
import { PostgresFleet } from './postgres-fleet.js';
import { RegistryDatabase } from './registry-database.js';

const at = (seconds: number): string => new Date(Date.UTC(2026, 0, 1, 0, 0, seconds)).toISOString();
const said = (seconds: number, more: Partial<ModelDeployed> = {}): ModelDeployed => ({
  predictorId: 'a',
  model: 'iris',
  state: 'serving',
  active: { version: 1, generation: 1 },
  target: { version: 1, generation: 1 },
  since: at(0),
  at: at(seconds),
  ...more,
});

describe.skipIf(!services().postgres)('the fleet', () => {
  let database: RegistryDatabase;
  let fleet: PostgresFleet;
  let drop: () => Promise<void>;

  beforeAll(async () => {
    const made = await freshDatabase();
    drop = made.drop;
    database = new RegistryDatabase(made.url, new SilentLogger());
    await database.openOnce();
    fleet = new PostgresFleet(database);
    expect(await fleet.restated(said(1))).toBe(false);
    expect(await fleet.heard(said(1))).toBe(true);
  });
  afterAll(async () => {
    await database.close();
    await drop();
  });

  it('takes the time of the same word said again, and nothing else of it', async () => {
    expect(await fleet.restated(said(11))).toBe(true);
    expect(await fleet.all()).toEqual([said(11)]);
  });

  it.each([
    ['a new state', { state: 'failed' as const, reason: 'too large' }],
    ['another version', { target: { version: 2, generation: 2 } }],
    ['another address', { url: 'http://a:8000' }],
  ])('leaves %s to be heard', async (_, more) => {
    expect(await fleet.restated(said(21, more))).toBe(false);
    expect(await fleet.all()).toEqual([said(11)]);
  });

  it('takes no word that is older than the last', async () => {
    expect(await fleet.restated(said(5))).toBe(false);
    expect(await fleet.heard(said(5))).toBe(false);
    expect(await fleet.all()).toEqual([said(11)]);
  });

  it('knows each model of each replica by itself', async () => {
    expect(await fleet.restated(said(31, { model: 'wine' }))).toBe(false);
    expect(await fleet.restated(said(31, { predictorId: 'b' }))).toBe(false);
  });
});
