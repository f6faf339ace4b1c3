import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { flow } from './flow.js';

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
});
