import { Inject } from '@nestjs/common';
import { z } from 'zod';
import { RunData, type Metric } from '../../core/runs.js';
import {
  alone,
  checkBatch,
  checkedMetrics,
  checkedParams,
  checkedTags,
  checkRunId,
  within,
} from '../../core/tracking-limits.js';
import { Endpoint, MlflowController } from './endpoint.js';
import { double, int64, list, pair, pairs, required, text } from './fields.js';
import { Message } from './message.js';
import { runReference } from './run-reference.js';

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
const untag = runReference.extend({ key: required });

/** What is logged to runs, one value or many at a time. */
@MlflowController()
export class RunDataController {
  constructor(@Inject(RunData) private readonly data: RunData) {}

  @Endpoint('POST', 'runs/log-metric')
  async logMetric(@Message(oneMetric) given: z.infer<typeof oneMetric>): Promise<void> {
    await this.data.log(given.run_id, { metrics: checkedMetrics([metricOf(given)], alone), params: [], tags: [] });
  }

  @Endpoint('POST', 'runs/log-parameter')
  async logParam(@Message(onePair) { run_id, key, value }: z.infer<typeof onePair>): Promise<void> {
    await this.data.logParam(run_id, checkedParams([{ key, value }], alone)[0]);
  }

  @Endpoint('POST', 'runs/set-tag')
  async setTag(@Message(onePair) { run_id, key, value }: z.infer<typeof onePair>): Promise<void> {
    await this.data.log(run_id, { metrics: [], params: [], tags: checkedTags([{ key, value }], alone) });
  }

  @Endpoint('POST', 'runs/delete-tag')
  async deleteTag(@Message(untag) { run_id, key }: z.infer<typeof untag>): Promise<void> {
    await this.data.deleteTag(run_id, key);
  }

  @Endpoint('POST', 'runs/log-batch')
  async logBatch(@Message(batch) { run_id, metrics, params, tags }: z.infer<typeof batch>): Promise<void> {
    checkRunId(run_id);
    const data = {
      metrics: checkedMetrics(metrics.map(metricOf), within('metrics')),
      params: checkedParams(params, within('params')),
      tags: checkedTags(tags, within('tags')),
    };
    checkBatch(data);
    await this.data.log(run_id, data);
  }
}

const metricOf = (given: z.infer<typeof metric>): Metric => ({
  key: given.key,
  value: given.value,
  timestampMs: given.timestamp,
  step: given.step,
  modelId: given.model_id || undefined,
  datasetName: given.dataset_name || undefined,
  datasetDigest: given.dataset_digest || undefined,
});
