import { existsSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { flow, topics } from './flow.js';

const file = (name: string) => name.replaceAll('.', '-');

describe('the tree tells the flow', () => {
  for (const [name, { from, to }] of Object.entries(flow)) {
    if (from !== 'client')
      it(`${from} has one file that says ${name}`, () => {
        const said = ['publisher', 'relay'].filter((kind) =>
          existsSync(`apps/${from}/src/outbound/${file(name)}.${kind}.ts`),
        );
        expect(said).toHaveLength(1);
      });
    for (const app of to)
      it(`${app} has one file that hears ${name}`, () => {
        expect(existsSync(`apps/${app}/src/inbound/${file(name)}.consumer.ts`)).toBe(true);
      });
  }

  it('no app hears what the table does not say', () => {
    const said = Object.entries(flow).flatMap(([name, { to }]) => to.map((app) => `${app}/${file(name)}.consumer.ts`));
    const found = readdirSync('apps').flatMap((app) => {
      const inbound = `apps/${app}/src/inbound`;
      return existsSync(inbound)
        ? readdirSync(inbound)
            .filter((name) => name.endsWith('.consumer.ts'))
            .map((name) => `${app}/${name}`)
        : [];
    });
    expect(said).toEqual(expect.arrayContaining(found));
  });
});

describe('topics', () => {
  it('are the events and a dead-letter topic for each who hears them', () => {
    const names = topics().map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual(
      expect.arrayContaining(['model.promoted', 'model.promoted.predictor.dlt', 'training.requested.registry.dlt']),
    );
    expect(topics().find(({ name }) => name === 'model.promoted')).toEqual({
      name: 'model.promoted',
      partitions: 6,
      cleanup: 'compact',
      retentionMs: -1,
    });
  });
});
