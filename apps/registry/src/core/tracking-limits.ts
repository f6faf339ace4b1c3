import { PlatformError } from '#runtime';
import type { Metric } from './runs.js';
import type { Tag } from './paging.js';

const KEY_LENGTH = 250;
const PARAM_VALUE_LENGTH = 6000;
const TAG_VALUE_LENGTH = 8000;

const invalid = (detail: string): PlatformError => new PlatformError('REQUEST_INVALID', detail);

/** MLflow's rule for keys of metrics, params and tags: its characters, a normalised relative path, 250 characters. */
const checkKey = (kind: string, key: string): void => {
  if (key.length > KEY_LENGTH)
    throw invalid(`'${kind} key' exceeds the maximum length of ${String(KEY_LENGTH)} characters`);
  if (!/^[/\w.\- :]+$/.test(key))
    throw invalid(
      `Invalid value "${key}" for parameter 'key' supplied: Names may only contain alphanumerics, underscores (_), dashes (-), periods (.), spaces ( ), colon(:) and slashes (/).`,
    );
  if (key.startsWith('/') || key.split('/').some((part) => part === '' || part === '.' || part === '..'))
    throw invalid(
      `Invalid value "${key}" for parameter 'key' supplied: Names may be treated as files in certain cases, and must not resolve to other names when treated as such. This name would resolve to '${key}'`,
    );
};

/** Checks the keys; values that are too long are cut, as MLflow does. */
export const checkedParams = (params: readonly Tag[]): Tag[] => checkedPairs('Param', params, PARAM_VALUE_LENGTH);
export const checkedTags = (tags: readonly Tag[]): Tag[] => checkedPairs('Tag', tags, TAG_VALUE_LENGTH);

const checkedPairs = (kind: string, pairs: readonly Tag[], length: number): Tag[] =>
  pairs.map(({ key, value }) => {
    checkKey(kind, key);
    return { key, value: value.slice(0, length) };
  });

/** Infinities become the greatest double, as MLflow stores them; NaN stays. */
export const checkedMetrics = (metrics: readonly Metric[]): Metric[] =>
  metrics.map((metric) => {
    checkKey('Metric', metric.key);
    return { ...metric, value: finite(metric.value) };
  });

const finite = (value: number): number =>
  Number.isNaN(value) ? value : Math.min(Math.max(value, -Number.MAX_VALUE), Number.MAX_VALUE);

/** @throws PlatformError REQUEST_INVALID when a batch is larger than MLflow allows or names a param twice. */
export const checkBatch = (batch: {
  metrics: readonly Metric[];
  params: readonly Tag[];
  tags: readonly Tag[];
}): void => {
  const { metrics, params, tags } = batch;
  atMost('metrics', metrics.length, 1000);
  atMost('params', params.length, 100);
  atMost('tags', tags.length, 100);
  atMost('metrics, params, and tags', metrics.length + params.length + tags.length, 1000);
  const keys = params.map(({ key }) => key);
  const twice = [...new Set(keys.filter((key, at) => keys.indexOf(key) !== at))];
  if (twice.length > 0)
    throw invalid(
      `Duplicate parameter keys have been submitted: [${twice.map((key) => `'${key}'`).join(', ')}]. Please ensure the request contains only one param value per param key.`,
    );
};

const atMost = (what: string, count: number, limit: number): void => {
  if (count > limit)
    throw invalid(
      `A batch logging request can contain at most ${String(limit)} ${what}. Got ${String(count)} ${what}. Please split up ${what} across multiple requests and try again.`,
    );
};
