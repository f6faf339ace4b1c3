import { Inject } from '@nestjs/common';
import { z } from 'zod';
import { PlatformError } from '#runtime';
import { ListArtifacts } from '../../core/list-artifacts.js';
import { LoggedModels } from '../../core/logged-models.js';
import { loggedModels } from '../../core/search/grammars.js';
import { parseLoggedModelOrder } from '../../core/search/order-by.js';
import { LoggedModelTokens } from '../../core/search/page-tokens.js';
import { runNameOf } from '../../core/run-names.js';
import { parseFilter } from '../../core/search/parse-filter.js';
import { Endpoint, MlflowController } from './endpoint.js';
import { flag, list, loggedModelStatus, maxResults, required, text } from './fields.js';
import { Message } from './message.js';
import { artifactListShape, loggedModelShape } from './shapes.js';

const NAME_RULE = "cannot contain the following characters: ('/', ':', '.', '%', '\"', \"'\")";
const loggedModelName = text.max(500).regex(/^[^/:.%"']*$/, {
  error: ({ input }) =>
    `Invalid model name ('${String(input)}') provided. Model name must be a non-empty string and ${NAME_RULE}`,
});
const entries = list(z.object({ key: required.max(255), value: text.default('') }));
const creation = z.object({
  experiment_id: required,
  name: loggedModelName.optional(),
  model_type: text.max(500).optional(),
  source_run_id: text.max(256).optional(),
  params: entries,
  tags: entries,
});
const byId = z.object({ model_id: required });
const reading = byId.extend({ allow_deleted: text.optional() });
const finalization = byId.extend({ status: loggedModelStatus });
const tagging = byId.extend({ tags: entries });
const untagging = byId.extend({ tag_key: required });
const params = byId.extend({ params: entries });
const directory = byId.extend({ artifact_directory_path: text.optional() });
const search = z.object({
  experiment_ids: list(text),
  filter: text.optional(),
  max_results: maxResults(50, 50_000),
  datasets: list(z.object({ dataset_name: required, dataset_digest: text.optional() })),
  order_by: list(
    z.object({
      field_name: required,
      ascending: flag.default(true),
      dataset_name: text.optional(),
      dataset_digest: text.optional(),
    }),
  ),
  page_token: text.optional(),
});
@MlflowController()
export class LoggedModelsController {
  constructor(
    @Inject(LoggedModels) private readonly models: LoggedModels,
    @Inject(ListArtifacts) private readonly artifacts: ListArtifacts,
  ) {}

  @Endpoint('POST', 'logged-models')
  async create(@Message(creation) given: z.infer<typeof creation>): Promise<object> {
    const model = await this.models.create({
      experimentId: given.experiment_id,
      // MLflow draws names for runs and models from the same hat.
      name: given.name || runNameOf(Math.random),
      modelType: given.model_type,
      sourceRunId: given.source_run_id,
      params: given.params,
      tags: given.tags,
    });
    return { model: loggedModelShape(model) };
  }

  @Endpoint('POST', 'logged-models/search')
  async search(@Message(search) query: z.infer<typeof search>): Promise<object> {
    const asked = {
      experiment_ids: query.experiment_ids,
      filter_string: query.filter || null,
      order_by: query.order_by,
    };
    const tokens = new LoggedModelTokens(asked, query.datasets);
    const page = await this.models.search({
      experimentIds: query.experiment_ids,
      filter: parseFilter(query.filter, loggedModels),
      datasets: query.datasets.map(({ dataset_name: name, dataset_digest: digest }) => ({
        name,
        digest: digest || undefined,
      })),
      orderBy: parseLoggedModelOrder(query.order_by, loggedModels),
      limit: query.max_results,
      ...tokens.read(query.page_token),
    });
    return { models: page.items.map(loggedModelShape), next_page_token: tokens.write(page) };
  }

  @Endpoint('GET', 'logged-models/:model_id')
  async get(@Message(reading) { model_id, allow_deleted }: z.infer<typeof reading>): Promise<object> {
    const deletedToo = allow_deleted?.toLowerCase() === 'true';
    return { model: loggedModelShape(await this.models.get(model_id, { deletedToo })) };
  }

  @Endpoint('PATCH', 'logged-models/:model_id')
  async finalize(@Message(finalization) { model_id, status }: z.infer<typeof finalization>): Promise<object> {
    if (status === undefined)
      throw new PlatformError(
        'REQUEST_INVALID',
        "Missing value for required parameter 'status'. See the API docs for more information about request parameters.",
      );
    return { model: loggedModelShape(await this.models.finalize(model_id, status)) };
  }

  @Endpoint('DELETE', 'logged-models/:model_id')
  async delete(@Message(byId) { model_id }: z.infer<typeof byId>): Promise<void> {
    await this.models.delete(model_id);
  }

  @Endpoint('PATCH', 'logged-models/:model_id/tags')
  async setTags(@Message(tagging) { model_id, tags }: z.infer<typeof tagging>): Promise<void> {
    await this.models.setTags(model_id, tags);
  }

  @Endpoint('DELETE', 'logged-models/:model_id/tags/:tag_key')
  async deleteTag(@Message(untagging) { model_id, tag_key }: z.infer<typeof untagging>): Promise<void> {
    await this.models.deleteTag(model_id, tag_key);
  }

  @Endpoint('POST', 'logged-models/:model_id/params')
  async logParams(@Message(params) { model_id, params: given }: z.infer<typeof params>): Promise<void> {
    await this.models.logParams(model_id, given);
  }

  @Endpoint('GET', 'logged-models/:model_id/artifacts/directories')
  async list(@Message(directory) { model_id, artifact_directory_path }: z.infer<typeof directory>): Promise<object> {
    return artifactListShape(await this.artifacts.ofLoggedModel(model_id, artifact_directory_path ?? ''));
  }
}
