import { Inject } from '@nestjs/common';
import { z } from 'zod';
import { PlatformError } from '#runtime';
import { RunData } from '../../core/runs.js';
import { checkRunId } from '../../core/tracking-limits.js';
import { Endpoint, MlflowController } from './endpoint.js';
import { atMost, int64, list, required, text } from './fields.js';
import { Message } from './message.js';
import { asBadRequest } from './mlflow-errors.js';
import { runReference } from './run-reference.js';

const dataset = z.object({
  name: atMost(required, 500, 'name'),
  digest: atMost(required, 36, 'digest'),
  source_type: text.default(''),
  source: atMost(text, 65_535, 'source').default(''),
  schema: atMost(text, 1_048_575, 'schema').optional(),
  profile: atMost(text, 16_777_215, 'profile').optional(),
});
const inputTag = z.object({ key: atMost(required, 255, 'key'), value: atMost(text, 500, 'value').default('') });
const inputs = runReference.extend({
  datasets: list(z.object({ dataset, tags: list(inputTag) })),
  models: list(z.object({ model_id: required })),
});
const outputs = runReference.extend({ models: list(z.object({ model_id: required, step: int64.default(0) })) });
const byExperiments = z.object({ experiment_ids: list(text) });
const MAX_EXPERIMENTS = 20;
const logModel = runReference.extend({ model_json: required });
/** Without these, MLflow 2 could not show what it lists. */
const MODEL_FIELDS = ['artifact_path', 'flavors', 'utc_time_created', 'run_id'];

/** What went into runs and came out of them: data sets and models. */
@MlflowController()
export class RunInputsController {
  constructor(@Inject(RunData) private readonly data: RunData) {}

  @Endpoint('POST', 'runs/log-inputs')
  async logInputs(@Message(inputs) { run_id, datasets, models }: z.infer<typeof inputs>): Promise<void> {
    checkRunId(run_id);
    const given = datasets.map(({ dataset: { source_type, ...rest }, tags }) => ({
      ...rest,
      sourceType: source_type,
      tags,
    }));
    const modelIds = models.map(({ model_id }) => model_id);
    await this.data.logInputs(run_id, given, modelIds);
  }

  @Endpoint('POST', 'runs/outputs')
  async logOutputs(@Message(outputs) { run_id, models }: z.infer<typeof outputs>): Promise<void> {
    const given = models.map(({ model_id, step }) => ({ modelId: model_id, step }));
    await asBadRequest(this.data.logOutputs(run_id, given));
  }

  /** Under the prefix of MLflow's own pages, which fill a list with it. */
  @Endpoint('POST', 'experiments/search-datasets')
  async datasets(@Message(byExperiments) { experiment_ids: ids }: z.infer<typeof byExperiments>): Promise<object> {
    if (ids.length === 0) throw invalid('SearchDatasets request must specify at least one experiment_id.');
    if (ids.length > MAX_EXPERIMENTS)
      throw invalid(
        `SearchDatasets request cannot specify more than ${String(MAX_EXPERIMENTS)} experiment_ids. Received ${String(ids.length)} experiment_ids.`,
      );
    const found = await this.data.datasetsOf(ids);
    return { dataset_summaries: found.map(({ experimentId, ...rest }) => ({ experiment_id: experimentId, ...rest })) };
  }

  /** Only MLflow 2 calls it. */
  @Endpoint('POST', 'runs/log-model')
  async logModel(@Message(logModel) { run_id, model_json }: z.infer<typeof logModel>): Promise<void> {
    await this.data.logModel(run_id, modelOf(model_json));
  }
}

const modelOf = (json: string): object => {
  let model: unknown;
  try {
    model = JSON.parse(json);
  } catch {
    model = undefined;
  }
  if (typeof model !== 'object' || model === null || Array.isArray(model))
    throw invalid(`Malformed model info. \n ${json} \n is not a valid JSON.`);
  const missing = MODEL_FIELDS.filter((field) => !(field in model));
  if (missing.length > 0)
    throw invalid(`Model json is missing mandatory fields: {${missing.map((field) => `'${field}'`).join(', ')}}`);
  return model;
};

const invalid = (detail: string): PlatformError => new PlatformError('REQUEST_INVALID', detail);
