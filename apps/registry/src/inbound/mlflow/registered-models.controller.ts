import { Headers, Inject } from '@nestjs/common';
import { z } from 'zod';
import { CreateModel } from '../../core/create-model.js';
import { registeredModels } from '../../core/search/grammars.js';
import { parseOrderBy } from '../../core/search/order-by.js';
import { RegisteredModels, stages } from '../../core/registered-models.js';
import { RemoveModel } from '../../core/remove-model.js';
import { PageTokens } from '../../core/search/page-tokens.js';
import { parseFilter } from '../../core/search/parse-filter.js';
import { TagModels } from '../../core/tag-models.js';
import { clientOf } from './client-of.js';
import { Endpoint, MlflowController } from './endpoint.js';
import { list, maxResults, text } from './fields.js';
import { Message } from './message.js';
import {
  newRegisteredName,
  oneTag,
  registeredName,
  registryTags,
  stageName,
  tagKey,
  tagOf,
} from './registry-fields.js';
import { modelVersionShape, registeredModelShape } from './shapes.js';

const byName = z.object({ name: registeredName });
const creation = byName.extend({ tags: registryTags, description: text.optional() });
const renaming = byName.extend({ new_name: newRegisteredName });
const update = byName.extend({ description: text.optional() });
const tag = byName.extend(oneTag.shape);
const untag = byName.extend({ key: tagKey });
const latest = byName.extend({ stages: list(stageName) });
const search = z.object({
  filter: text.optional(),
  max_results: maxResults(100, 1000),
  order_by: list(text),
  page_token: text.optional(),
});
@MlflowController()
export class RegisteredModelsController {
  constructor(
    @Inject(RegisteredModels) private readonly models: RegisteredModels,
    @Inject(CreateModel) private readonly creation: CreateModel,
    @Inject(TagModels) private readonly tags: TagModels,
    @Inject(RemoveModel) private readonly removal: RemoveModel,
  ) {}

  @Endpoint('POST', 'registered-models/create')
  async create(@Message(creation) { name, tags, description }: z.infer<typeof creation>): Promise<object> {
    const model = await this.creation.execute({ name, description, tags });
    return { registered_model: registeredModelShape(model) };
  }

  @Endpoint('GET', 'registered-models/get')
  async get(@Message(byName) { name }: z.infer<typeof byName>): Promise<object> {
    return { registered_model: registeredModelShape(await this.models.get(name)) };
  }

  @Endpoint('GET', 'registered-models/search')
  async search(@Message(search) query: z.infer<typeof search>): Promise<object> {
    const tokens = new PageTokens(query.filter, query.order_by);
    const page = await this.models.search({
      filter: parseFilter(query.filter, registeredModels),
      orderBy: parseOrderBy(query.order_by, registeredModels),
      limit: query.max_results,
      ...tokens.read(query.page_token),
    });
    return { registered_models: page.items.map(registeredModelShape), next_page_token: tokens.write(page) };
  }

  @Endpoint('PATCH', 'registered-models/update')
  async update(@Message(update) { name, description }: z.infer<typeof update>): Promise<object> {
    // MLflow takes a description that is not sent for an empty one.
    await this.models.describe(name, description ?? '');
    return { registered_model: registeredModelShape(await this.models.get(name)) };
  }

  @Endpoint('POST', 'registered-models/rename')
  async rename(
    @Message(renaming) { name, new_name }: z.infer<typeof renaming>,
    @Headers('user-agent') agent?: string,
  ): Promise<object> {
    await this.removal.rename(name, new_name, clientOf(agent));
    return { registered_model: registeredModelShape(await this.models.get(new_name)) };
  }

  @Endpoint('DELETE', 'registered-models/delete')
  async delete(
    @Message(byName) { name }: z.infer<typeof byName>,
    @Headers('user-agent') agent?: string,
  ): Promise<void> {
    await this.removal.deleteModel(name, clientOf(agent));
  }

  @Endpoint('POST', 'registered-models/get-latest-versions')
  latest(@Message(latest) query: z.infer<typeof latest>): Promise<object> {
    return this.latestOf(query);
  }

  @Endpoint('GET', 'registered-models/get-latest-versions')
  latestByGet(@Message(latest) query: z.infer<typeof latest>): Promise<object> {
    return this.latestOf(query);
  }

  @Endpoint('POST', 'registered-models/set-tag')
  async setTag(@Message(tag) { name, ...given }: z.infer<typeof tag>): Promise<void> {
    await this.tags.setOnModel(name, tagOf(given));
  }

  @Endpoint('DELETE', 'registered-models/delete-tag')
  async deleteTag(@Message(untag) { name, key }: z.infer<typeof untag>): Promise<void> {
    await this.tags.deleteFromModel(name, key);
  }

  private async latestOf({ name, stages: asked }: z.infer<typeof latest>): Promise<object> {
    const wanted = asked.length === 0 ? stages : asked;
    const { latestVersions } = await this.models.get(name);
    return {
      model_versions: latestVersions
        .filter(({ stage }) => wanted.includes(stage))
        .map((version) => modelVersionShape(version)),
    };
  }
}
