import { Inject } from '@nestjs/common';
import { z } from 'zod';
import { RunData, type Metric } from '../../core/runs.js';
import { checkBatch, checkedMetrics, checkedParams, checkedTags } from '../../core/tracking-limits.js';
import { offsetOf, pageToken } from '../../core/paging.js';
import { Endpoint, MlflowController } from './endpoint.js';
import { double, int64, list, maxResults, pair, pairs, required, text } from './fields.js';
import { Message } from './message.js';
import { runIdOf, runReference } from './run-reference.js';
import { metricShape } from './shapes.js';

const metric = z.object({
  key: required,
  value: double,
  timestamp: int64,
  step: int64.default(0),
  model_id: text.optional(),
  dataset_name: text.optional(),
  dataset_digest: text.optional(),
});
const oneMetric = runReference.extend(metric.shape);
const onePair = runReference.extend(pair.shape);
const batch = runReference.extend({ metrics: list(metric), params: pairs, tags: pairs });
const untag = z.object({ run_id: required, key: required });
const history = runReference.extend({
  metric_key: required,
  page_token: text.optional(),
  max_results: maxResults(25_000, 1_000_000),
});
const dataset = z.object({
  name: required.max(500),
  digest: required.max(36),
  source_type: required,
  source: text.max(65_535),
  schema: text.max(1_048_575).optional(),
  profile: text.max(16_777_215).optional(),
});
const inputs = z.object({
  run_id: required,
  datasets: list(z.object({ dataset, tags: list(pair) })),
  models: list(z.object({ model_id: required })),
});
const outputs = z.object({
  run_id: required,
  models: list(z.object({ model_id: required, step: int64.default(0) })),
});

const logModel = z.object({
  run_id: required,
  model_json: required.transform((json, context): object => {
    try {
      const model: unknown = JSON.parse(json);
      if (typeof model === 'object' && model !== null && !Array.isArray(model)) return model;
    } catch {
      /* answered below, as anything else that is no object */
    }
    context.addIssue({ code: 'custom', message: `Malformed model info. '${json}' is not a JSON object.`, input: json });
    return z.NEVER;
  }),
});

const metricOf = (given: z.infer<typeof metric>): Metric => ({
  key: given.key,
  value: given.value,
  timestampMs: given.timestamp,
  step: given.step,
  modelId: given.model_id || undefined,
  datasetName: given.dataset_name || undefined,
  datasetDigest: given.dataset_digest || undefined,
});

@MlflowController()
export class RunDataController {
  constructor(@Inject(RunData) private readonly data: RunData) {}

  @Endpoint('POST', 'runs/log-metric')
  async logMetric(@Message(oneMetric) given: z.infer<typeof oneMetric>): Promise<void> {
    await this.data.log(runIdOf(given), { metrics: checkedMetrics([metricOf(given)]), params: [], tags: [] });
  }

  @Endpoint('POST', 'runs/log-parameter')
  async logParam(@Message(onePair) { key, value, ...run }: z.infer<typeof onePair>): Promise<void> {
    await this.data.log(runIdOf(run), { metrics: [], params: checkedParams([{ key, value }]), tags: [] });
  }

  @Endpoint('POST', 'runs/set-tag')
  async setTag(@Message(onePair) { key, value, ...run }: z.infer<typeof onePair>): Promise<void> {
    await this.data.log(runIdOf(run), { metrics: [], params: [], tags: checkedTags([{ key, value }]) });
  }

  @Endpoint('POST', 'runs/delete-tag')
  async deleteTag(@Message(untag) { run_id, key }: z.infer<typeof untag>): Promise<void> {
    await this.data.deleteTag(run_id, key);
  }

  @Endpoint('POST', 'runs/log-batch')
  async logBatch(@Message(batch) { metrics, params, tags, ...run }: z.infer<typeof batch>): Promise<void> {
    const data = { metrics: metrics.map(metricOf), params, tags };
    checkBatch(data);
    await this.data.log(runIdOf(run), {
      metrics: checkedMetrics(data.metrics),
      params: checkedParams(params),
      tags: checkedTags(tags),
    });
  }

  @Endpoint('GET', 'metrics/get-history')
  async history(@Message(history) query: z.infer<typeof history>): Promise<object> {
    const page = await this.data.metricHistory(runIdOf(query), query.metric_key, {
      limit: query.max_results,
      offset: offsetOf(query.page_token),
    });
    return { metrics: page.items.map((item) => metricShape(item)), next_page_token: pageToken(page.nextOffset) };
  }

  /** Only MLflow 2 calls it. */
  @Endpoint('POST', 'runs/log-model')
  async logModel(@Message(logModel) { run_id, model_json }: z.infer<typeof logModel>): Promise<void> {
    await this.data.logModel(run_id, model_json);
  }

  @Endpoint('POST', 'runs/log-inputs')
  async logInputs(@Message(inputs) { run_id, datasets, models }: z.infer<typeof inputs>): Promise<void> {
    const given = datasets.map(({ dataset: { source_type, ...rest }, tags }) => ({
      ...rest,
      sourceType: source_type,
      tags,
    }));
    await this.data.logInputs(
      run_id,
      given,
      models.map(({ model_id }) => model_id),
    );
  }

  @Endpoint('POST', 'runs/outputs')
  async logOutputs(@Message(outputs) { run_id, models }: z.infer<typeof outputs>): Promise<void> {
    await this.data.logOutputs(
      run_id,
      models.map(({ model_id, step }) => ({ modelId: model_id, step })),
    );
  }
}
