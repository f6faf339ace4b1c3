import { Inject } from '@nestjs/common';
import { z } from 'zod';
import { Experiments } from '../../core/experiments.js';
import { experiments } from '../../core/search/grammars.js';
import { parseOrderBy } from '../../core/search/order-by.js';
import { offsetOf, pageToken } from '../../core/paging.js';
import { parseFilter } from '../../core/search/parse-filter.js';
import { PlatformError } from '#runtime';
import { Endpoint, MlflowController } from './endpoint.js';
import { list, maxResults, required, tags, text, viewType } from './fields.js';
import { Message } from './message.js';
import { experimentShape } from './shapes.js';

const byId = z.object({ experiment_id: required });
const byName = z.object({ experiment_name: required });
const creation = z.object({ name: required.max(500), artifact_location: text.max(2048).optional(), tags });
const update = byId.extend({ new_name: text.max(500).optional() });
const tag = byId.extend({ key: required.max(250), value: text.max(5000) });
const untag = byId.extend({ key: required });
const search = z.object({
  max_results: maxResults(undefined, 50_000),
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
    // Another place than our own would have clients read and write it by themselves, past the proxy.
    if (artifact_location && !artifact_location.startsWith('mlflow-artifacts:/'))
      throw new PlatformError(
        'REQUEST_INVALID',
        `Invalid value "${artifact_location}" for parameter 'artifact_location' supplied: this registry keeps artifacts itself; leave it out, or name an mlflow-artifacts: location.`,
      );
    return { experiment_id: await this.experiments.create({ name, artifactLocation: artifact_location, tags }) };
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
    if (new_name) await this.experiments.rename(experiment_id, new_name);
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
    await this.experiments.setTag(experiment_id, { key, value });
  }

  @Endpoint('POST', 'experiments/delete-experiment-tag')
  async deleteTag(@Message(untag) { experiment_id, key }: z.infer<typeof untag>): Promise<void> {
    await this.experiments.deleteTag(experiment_id, key);
  }

  private async page(query: z.infer<typeof search>): Promise<object> {
    const page = await this.experiments.search({
      view: query.view_type ?? 'ACTIVE_ONLY',
      filter: parseFilter(query.filter, experiments),
      orderBy: parseOrderBy(query.order_by, experiments),
      limit: query.max_results,
      offset: offsetOf(query.page_token),
    });
    return { experiments: page.items.map(experimentShape), next_page_token: pageToken(page.nextOffset) };
  }
}
