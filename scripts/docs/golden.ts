import { readFileSync } from 'node:fs';
import type { EventName } from '#contracts';

export type Sample = Record<string, unknown>;

/** The golden samples of an event by name; `full` and `minimal` always exist. Read from the folder of the checkout. */
export const goldenSamples = (event: EventName): Record<string, Sample> & { full: Sample; minimal: Sample } =>
  JSON.parse(readFileSync(`libs/contracts/golden/${event}.v1.json`, 'utf8')) as Record<string, Sample> & {
    full: Sample;
    minimal: Sample;
  };
