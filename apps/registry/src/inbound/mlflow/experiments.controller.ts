import { Inject } from '@nestjs/common';
import { z } from 'zod';
import { Experiments } from '../../core/experiments.js';
import { experiments } from '../../core/search/grammars.js';
import { parseOrderBy } from '../../core/search/order-by.js';
import { PageTokens } from '../../core/search/page-tokens.js';
import { parseFilter } from '../../core/search/parse-filter.js';
import { placeArtifacts, WANTED_LOCATION_TAG } from '../../core/artifact-placement.js';
import { checkExperimentTag } from '../../core/tracking-limits.js';
import { Endpoint, MlflowController } from './endpoint.js';
import { atMost, looseTags, list, maxResults, required, text, viewType } from './fields.js';
import { Message } from './message.js';
import { asBadRequest, MlflowOnlyError } from './mlflow-errors.js';
import { experimentShape } from './shapes.js';

const byId = z.object({ experiment_id: required });
const byName = z.object({ experiment_name: required });
const name = atMost(required, 500, 'name');
const creation = z.object({ name, artifact_location: text.optional(), tags: looseTags });
const update = byId.extend({ new_name: name });
const tag = byId.extend({ key: required, value: text.default('') });
const untag = byId.extend({ key: required });
const search = z.object({
  max_results: maxResults(undefined, 50_000, { hinted: false }),
  page_token: text.optional(),
  filter: text.optional(),
  order_by: list(text),
  view_type: viewType,
});
@MlflowController()
export class ExperimentsController {
  constructor(@Inject(Experiments) private readonly experiments: Experiments) {}

  @Endpoint('POST', 'experiments/create')
  async create(@Message(creation) { name, artifact_location, tags }: z.infer<typeof creation>): Promise<object> {
    const place = placeArtifacts(artifact_location);
    tags.forEach(checkExperimentTag);
    const noted = place.wanted === undefined ? [] : [{ key: WANTED_LOCATION_TAG, value: place.wanted }];
    const given = tags.filter(({ key }) => noted.length === 0 || key !== WANTED_LOCATION_TAG);
    const id = await this.experiments.create({ name, artifactLocation: place.location, tags: [...given, ...noted] });
    return { experiment_id: id };
  }

  @Endpoint('GET', 'experiments/get')
  async get(@Message(byId) { experiment_id }: z.infer<typeof byId>): Promise<object> {
    return { experiment: experimentShape(await this.experiments.get(experiment_id)) };
  }

  @Endpoint('GET', 'experiments/get-by-name')
  async getByName(@Message(byName) { experiment_name }: z.infer<typeof byName>): Promise<object> {
    return { experiment: experimentShape(await this.experiments.getByName(experiment_name)) };
  }

  @Endpoint('POST', 'experiments/search')
  search(@Message(search) query: z.infer<typeof search>): Promise<object> {
    return this.page(query);
  }

  @Endpoint('GET', 'experiments/search')
  searchByGet(@Message(search) query: z.infer<typeof search>): Promise<object> {
    return this.page(query);
  }

  @Endpoint('POST', 'experiments/update')
  async update(@Message(update) { experiment_id, new_name }: z.infer<typeof update>): Promise<void> {
    const { lifecycle } = await this.experiments.get(experiment_id);
    // MLflow says so with status 500, which its clients would try again.
    if (lifecycle !== 'active')
      throw new MlflowOnlyError(400, 'INVALID_STATE', 'Cannot rename a non-active experiment.');
    await asBadRequest(this.experiments.rename(experiment_id, new_name));
  }

  @Endpoint('POST', 'experiments/delete')
  async delete(@Message(byId) { experiment_id }: z.infer<typeof byId>): Promise<void> {
    await this.experiments.setLifecycle(experiment_id, 'deleted');
  }

  @Endpoint('POST', 'experiments/restore')
  async restore(@Message(byId) { experiment_id }: z.infer<typeof byId>): Promise<void> {
    await this.experiments.setLifecycle(experiment_id, 'active');
  }

  @Endpoint('POST', 'experiments/set-experiment-tag')
  async setTag(@Message(tag) { experiment_id, key, value }: z.infer<typeof tag>): Promise<void> {
    checkExperimentTag({ key, value });
    await this.experiments.setTag(experiment_id, { key, value });
  }

  @Endpoint('POST', 'experiments/delete-experiment-tag')
  async deleteTag(@Message(untag) { experiment_id, key }: z.infer<typeof untag>): Promise<void> {
    await this.experiments.deleteTag(experiment_id, key);
  }

  private async page(query: z.infer<typeof search>): Promise<object> {
    const tokens = new PageTokens(query.view_type, query.filter, query.order_by);
    const page = await this.experiments.search({
      view: query.view_type ?? 'ACTIVE_ONLY',
      filter: parseFilter(query.filter, experiments),
      orderBy: parseOrderBy(query.order_by, experiments),
      limit: query.max_results,
      ...tokens.read(query.page_token),
    });
    return { experiments: page.items.map(experimentShape), next_page_token: tokens.write(page) };
  }
}
