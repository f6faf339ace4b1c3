import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { flow, type EventName } from './flow.js';

const folder = new URL('../golden/', import.meta.url);
type Samples = Record<string, Record<string, unknown>>;
const samplesOf = (file: string): Samples => JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as Samples;
const files = readdirSync(folder).filter((file) => /[.]v\d+[.]json$/.test(file) && !file.startsWith('error-codes'));
const eventOf = (file: string): EventName => file.replace(/[.]v\d+[.]json$/, '') as EventName;

describe('golden samples parse for ever', () => {
  it('every event has some', () => {
    expect(new Set(files.map(eventOf))).toEqual(new Set(Object.keys(flow)));
  });

  describe.each(files)('%s', (file) => {
    const { schema } = flow[eventOf(file)];
    const samples = samplesOf(file);

    it.each(Object.keys(samples))('%s parses, and loses nothing', (name) => {
      expect(schema.parse(samples[name])).toMatchObject(samples[name]);
    });

    it('the samples hold every field of the schema', () => {
      const fields = Object.keys(z.toJSONSchema(schema, { io: 'input' }).properties ?? {});
      const seen = new Set(Object.values(samples).flatMap((sample) => Object.keys(sample)));
      expect(seen).toEqual(new Set(fields));
    });

    it('the minimal sample is minimal: without any one of its fields it does not parse', () => {
      for (const field of Object.keys(samples.minimal)) {
        const { [field]: _, ...rest } = samples.minimal;
        expect(schema.safeParse(rest).success, field).toBe(false);
      }
    });
  });
});
