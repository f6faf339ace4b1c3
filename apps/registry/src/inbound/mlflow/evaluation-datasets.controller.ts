import { Inject } from '@nestjs/common';
import { z } from 'zod';
import { EvaluationDatasets } from '../../core/evaluation-datasets.js';
import { evaluationDatasets } from '../../core/search/grammars.js';
import { parseOrderBy } from '../../core/search/order-by.js';
import { PageTokens } from '../../core/search/page-tokens.js';
import { parseFilter } from '../../core/search/parse-filter.js';
import { datasetTags } from './dataset-fields.js';
import { evaluationDatasetShape } from './dataset-shapes.js';
import { Endpoint, MlflowController } from './endpoint.js';
import { list, maxResults, required, text } from './fields.js';
import { Message } from './message.js';

const creation = z.object({
  name: required.max(255),
  experiment_ids: list(text.max(36)),
  tags: datasetTags.optional(),
});
const byId = z.object({ dataset_id: required });
const search = z.object({
  experiment_ids: list(text),
  filter_string: text.optional(),
  max_results: maxResults(1000, 50_000),
  order_by: list(text),
  page_token: text.optional(),
});
const tagging = byId.extend({ tags: datasetTags });
const untagging = byId.extend({ key: required });
const joining = byId.extend({ experiment_ids: list(text) });

@MlflowController('3.0')
export class EvaluationDatasetsController {
  constructor(@Inject(EvaluationDatasets) private readonly datasets: EvaluationDatasets) {}

  @Endpoint('POST', 'datasets/create')
  async create(@Message(creation) given: z.infer<typeof creation>): Promise<object> {
    const { name, tags = [], experiment_ids: experimentIds } = given;
    const dataset = await this.datasets.create({ name, tags, experimentIds });
    return { dataset: evaluationDatasetShape(dataset, experimentIds) };
  }

  @Endpoint('POST', 'datasets/search')
  search(@Message(search) query: z.infer<typeof search>): Promise<object> {
    return this.page(query);
  }

  @Endpoint('GET', 'datasets/search')
  searchByGet(@Message(search) query: z.infer<typeof search>): Promise<object> {
    return this.page(query);
  }

  @Endpoint('GET', 'datasets/:dataset_id')
  async get(@Message(byId) { dataset_id }: z.infer<typeof byId>): Promise<object> {
    return { dataset: evaluationDatasetShape(await this.datasets.get(dataset_id)) };
  }

  @Endpoint('DELETE', 'datasets/:dataset_id')
  async delete(@Message(byId) { dataset_id }: z.infer<typeof byId>): Promise<void> {
    await this.datasets.delete(dataset_id);
  }

  @Endpoint('PATCH', 'datasets/:dataset_id/tags')
  async setTags(@Message(tagging) { dataset_id, tags }: z.infer<typeof tagging>): Promise<void> {
    await this.datasets.setTags(dataset_id, tags);
  }

  @Endpoint('DELETE', 'datasets/:dataset_id/tags/:key')
  async deleteTag(@Message(untagging) { dataset_id, key }: z.infer<typeof untagging>): Promise<void> {
    await this.datasets.deleteTag(dataset_id, key);
  }

  @Endpoint('GET', 'datasets/:dataset_id/experiment-ids')
  async experimentIds(@Message(byId) { dataset_id }: z.infer<typeof byId>): Promise<object> {
    return { experiment_ids: await this.datasets.experimentIds(dataset_id) };
  }

  @Endpoint('POST', 'datasets/:dataset_id/add-experiments')
  async add(@Message(joining) { dataset_id, experiment_ids }: z.infer<typeof joining>): Promise<object> {
    return { dataset: evaluationDatasetShape(await this.datasets.addToExperiments(dataset_id, experiment_ids)) };
  }

  @Endpoint('POST', 'datasets/:dataset_id/remove-experiments')
  async remove(@Message(joining) { dataset_id, experiment_ids }: z.infer<typeof joining>): Promise<object> {
    return { dataset: evaluationDatasetShape(await this.datasets.removeFromExperiments(dataset_id, experiment_ids)) };
  }

  private async page(query: z.infer<typeof search>): Promise<object> {
    const tokens = new PageTokens(query.experiment_ids, query.filter_string, query.order_by);
    const page = await this.datasets.search({
      experimentIds: query.experiment_ids,
      filter: parseFilter(query.filter_string, evaluationDatasets),
      orderBy: parseOrderBy(query.order_by, evaluationDatasets),
      limit: query.max_results,
      ...tokens.read(query.page_token),
    });
    return {
      datasets: page.items.map((dataset) => evaluationDatasetShape(dataset)),
      next_page_token: tokens.write(page),
    };
  }
}
