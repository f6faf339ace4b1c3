import { Readable } from 'node:stream';
import { Controller, Get, Header, Inject, StreamableFile } from '@nestjs/common';
import { z } from 'zod';
import { PlatformError } from '#runtime';
import { readInt64 } from '../../core/int64.js';
import { MetricHistory, pointOf } from '../../core/metric-history.js';
import { prefixes } from './endpoint.js';
import { int32, int64, list, required, requiredList, text } from './fields.js';
import { Message } from './message.js';
import { historyText, metricsText } from './metric-text.js';
import { runReference } from './run-reference.js';

/** Points of one answer; also how many are held in memory while a client reads all of them. */
const PAGE = 25_000;
const MAX_RUNS = 100;
const MAX_SAMPLED = 2_500;
const JSON_TYPE = 'application/json; charset=utf-8';

const history = runReference.extend({
  metric_key: required,
  page_token: text.optional(),
  // MLflow does not check its type here: what is no size is none.
  max_results: z
    .unknown()
    .transform((value) => readInt64(value))
    .refine((value) => value === undefined || value > 0, {
      error: ({ input }) =>
        `Invalid value ${String(input)} for parameter 'max_results' supplied. It must be a positive integer.`,
    })
    .transform((value) => (typeof value === 'number' ? value : undefined))
    .optional(),
});
const interval = z.object({
  run_ids: requiredList(text),
  metric_key: required,
  start_step: int64.optional(),
  end_step: int64.optional(),
  max_results: int32
    .refine((value) => value >= 1 && value <= MAX_SAMPLED, {
      error: `max_results must be between 1 and ${String(MAX_SAMPLED)}. See the API docs for more information about request parameters.`,
    })
    .default(MAX_SAMPLED),
});
const bulk = z.object({
  run_id: list(text),
  metric_key: text.optional(),
  max_results: int32.refine((value) => value >= 0, { error: 'max_results must not be negative.' }).default(PAGE),
});

const routes = (path: string): string[] => prefixes.map((prefix) => `${prefix}/${path}`);

/** What was logged for metrics, point by point, as text of JSON instead of through the shapes of other answers. */
@Controller()
export class MetricHistoryController {
  constructor(@Inject(MetricHistory) private readonly metrics: MetricHistory) {}

  /** Without `max_results` everything in one answer, as older clients expect, which is then streamed. */
  @Get(routes('metrics/get-history'))
  @Header('content-type', JSON_TYPE)
  async history(@Message(history) query: z.infer<typeof history>): Promise<string | StreamableFile> {
    const { run_id, metric_key: key, max_results: limit = Infinity } = query;
    const page = { after: pointOf(query.page_token), limit, size: PAGE };
    const text = historyText(key, page, (after, size) => this.metrics.page(run_id, key, { after, limit: size }));
    if (limit <= PAGE) return joined(text);
    return new StreamableFile(Readable.from(text), { type: JSON_TYPE });
  }

  @Get(routes('metrics/get-history-bulk-interval'))
  @Header('content-type', JSON_TYPE)
  async sampled(@Message(interval) query: z.infer<typeof interval>): Promise<string> {
    const { run_ids, metric_key, max_results: limit } = query;
    if (run_ids.length > MAX_RUNS)
      throw invalid(
        `GetMetricHistoryBulkInterval request must specify at most ${String(MAX_RUNS)} run_ids. Received ${String(run_ids.length)} run_ids. See the API docs for more information about request parameters.`,
      );
    const points = await this.metrics.sampled(run_ids, metric_key, { limit, steps: stepsOf(query) });
    return points.length === 0 ? '{}' : metricsText(metric_key, points);
  }

  /** Only under the prefix of MLflow's own pages; answers an empty list as one. */
  @Get(`${prefixes[1]}/metrics/get-history-bulk`)
  @Header('content-type', JSON_TYPE)
  async bulk(@Message(bulk) { run_id: runIds, metric_key, max_results }: z.infer<typeof bulk>): Promise<string> {
    if (runIds.length === 0) throw invalid('GetMetricHistoryBulk request must specify at least one run_id.');
    if (runIds.length > MAX_RUNS)
      throw invalid(
        `GetMetricHistoryBulk request cannot specify more than ${String(MAX_RUNS)} run_ids. Received ${String(runIds.length)} run_ids.`,
      );
    if (metric_key === undefined) throw invalid('GetMetricHistoryBulk request must specify a metric_key.');
    return metricsText(metric_key, await this.metrics.ofRuns(runIds, metric_key, Math.min(max_results, PAGE)));
  }
}

const joined = async (parts: AsyncIterable<string>): Promise<string> => {
  let text = '';
  for await (const part of parts) text += part;
  return text;
};

const stepsOf = ({ start_step: from, end_step: to }: z.infer<typeof interval>) => {
  if (from === undefined && to === undefined) return undefined;
  if (from === undefined || to === undefined)
    throw invalid('If either start step or end step are specified, both must be specified.');
  if (from <= to) return { from, to };
  throw invalid(
    `end_step must be greater than start_step. Found start_step=${String(from)} and end_step=${String(to)}.`,
  );
};

const invalid = (detail: string): PlatformError => new PlatformError('REQUEST_INVALID', detail);
