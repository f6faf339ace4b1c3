import { readdirSync, readFileSync } from 'node:fs';
import { Parser } from '@asyncapi/parser';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import { flow, type EventName } from '#contracts';
import { eventSchema } from './event-schemas.js';
import { goldenSamples, type Sample } from './golden.js';
import { renderDocs } from './render.js';

const events = Object.keys(flow) as EventName[];

describe('what is generated', () => {
  it('is not stale: otherwise run `npm run docs`', async () => {
    for (const [path, text] of await renderDocs()) expect(readFileSync(path, 'utf8'), path).toBe(text);
  });

  it('leaves no schema behind of an event that is gone', () => {
    expect(readdirSync('docs/schemas').sort()).toEqual(events.map((event) => `${event}.schema.json`).sort());
  });
});

describe('docs/asyncapi.yaml', () => {
  it('is valid AsyncAPI 3 and names every topic', async () => {
    const { document, diagnostics } = await new Parser().parse(readFileSync('docs/asyncapi.yaml', 'utf8'));
    expect(diagnostics.filter(({ severity }) => [0].includes(severity))).toEqual([]);
    expect(document?.version()).toBe('3.0.0');
    const addresses = document
      ?.channels()
      .all()
      .map((channel) => channel.address());
    expect(addresses).toEqual(expect.arrayContaining([...events, 'model.promoted.predictor.dlt']));
  });
});

describe.each(events)('docs/schemas/%s.schema.json agrees with our own reader', (event) => {
  const ajv = new Ajv2020({ allErrors: true, strict: true, strictTypes: false });
  addFormats.default(ajv);
  const accepts = ajv.compile(eventSchema(event));
  const { schema } = flow[event];
  const samples = Object.entries(goldenSamples(event));

  it.each(samples)('on the golden sample %s', (_name, sample) => {
    expect(accepts(sample), JSON.stringify(accepts.errors)).toBe(true);
  });

  /** Every sample with one field taken away, of another kind, or too many. */
  const broken = samples.flatMap(([, sample]) => [
    ...Object.keys(sample).flatMap((field): Sample[] => {
      const { [field]: _, ...rest } = sample;
      return [
        rest,
        { ...sample, [field]: { unexpected: [] } },
        { ...sample, [field]: '' },
        { ...sample, [field]: -1.5 },
      ];
    }),
    { ...sample, surprise: 1 },
  ]);

  it(`on ${String(broken.length)} changed samples`, () => {
    const verdicts = broken.map((sample) => ({ sample, ours: schema.safeParse(sample).success }));
    expect(verdicts.some(({ ours }) => !ours)).toBe(true);
    for (const { sample, ours } of verdicts) expect(accepts(sample), JSON.stringify(sample)).toBe(ours);
  });
});

it('the schema of training.requested refuses the model names "." and ".."', () => {
  const accepts = new Ajv2020({ strict: false }).compile(eventSchema('training.requested'));
  for (const model of ['.', '..', 'a/b', 'a:b', '']) expect(accepts({ model, recipe: 'r' }), model).toBe(false);
  expect(accepts({ model: '...', recipe: 'r' })).toBe(true);
});
