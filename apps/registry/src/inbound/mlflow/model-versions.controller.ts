import { Headers, Inject } from '@nestjs/common';
import { z } from 'zod';
import { MarkVersion } from '../../core/mark-version.js';
import { modelVersions } from '../../core/search/grammars.js';
import { parseOrderBy } from '../../core/search/order-by.js';
import { RegisterVersion } from '../../core/register-version.js';
import { ModelVersions } from '../../core/registered-models.js';
import { RemoveModel } from '../../core/remove-model.js';
import { PageTokens } from '../../core/search/page-tokens.js';
import { parseFilter } from '../../core/search/parse-filter.js';
import { TagModels } from '../../core/tag-models.js';
import type { Attempt } from '../../core/training-attempts.js';
import { FromAttempt } from '../guard-attempts.js';
import { clientOf } from './client-of.js';
import { Endpoint, MlflowController } from './endpoint.js';
import { flag, list, maxResults, required, text } from './fields.js';
import { Message } from './message.js';
import { oneTag, registeredName, registryTags, stageName, tagKey, tagOf } from './registry-fields.js';
import { listedVersionShape } from './shapes.js';
import { VersionAnswers } from './version-answers.js';
import { versionNumber } from './version-number.js';

const reference = z.object({ name: registeredName, version: versionNumber });
const creation = z.object({
  name: registeredName,
  source: required,
  run_id: text.optional(),
  tags: registryTags,
  run_link: text.optional(),
  description: text.optional(),
  model_id: text.optional(),
});
const update = reference.extend({ description: text.optional() });
const transition = reference.extend({ stage: stageName, archive_existing_versions: flag.default(false) });
const tag = reference.extend(oneTag.shape);
const untag = reference.extend({ key: tagKey });
const search = z.object({
  filter: text.optional(),
  max_results: maxResults(200_000, 200_000),
  order_by: list(text),
  page_token: text.optional(),
});
@MlflowController()
export class ModelVersionsController {
  constructor(
    @Inject(ModelVersions) private readonly versions: ModelVersions,
    @Inject(VersionAnswers) private readonly answers: VersionAnswers,
    @Inject(RegisterVersion) private readonly register: RegisterVersion,
    @Inject(MarkVersion) private readonly mark: MarkVersion,
    @Inject(TagModels) private readonly tags: TagModels,
    @Inject(RemoveModel) private readonly removal: RemoveModel,
  ) {}

  @Endpoint('POST', 'model-versions/create')
  async create(@Message(creation) given: z.infer<typeof creation>, @FromAttempt() attempt?: Attempt): Promise<object> {
    const version = await this.register.execute({
      name: given.name,
      source: given.source,
      runId: given.run_id,
      modelId: given.model_id,
      runLink: given.run_link,
      description: given.description,
      tags: given.tags,
      attempt,
    });
    return this.answers.of(version);
  }

  @Endpoint('GET', 'model-versions/get')
  async get(@Message(reference) { name, version }: z.infer<typeof reference>): Promise<object> {
    return this.answers.of(await this.versions.get(name, version));
  }

  @Endpoint('GET', 'model-versions/search')
  async search(@Message(search) query: z.infer<typeof search>): Promise<object> {
    const tokens = new PageTokens(query.filter, query.order_by);
    const page = await this.versions.search({
      filter: parseFilter(query.filter, modelVersions),
      orderBy: parseOrderBy(query.order_by, modelVersions),
      limit: query.max_results,
      ...tokens.read(query.page_token),
    });
    return { model_versions: page.items.map(listedVersionShape), next_page_token: tokens.write(page) };
  }

  @Endpoint('GET', 'model-versions/get-download-uri')
  async downloadUri(@Message(reference) { name, version }: z.infer<typeof reference>): Promise<object> {
    const { source, storageLocation } = await this.versions.get(name, version);
    // Clients resolve `runs:/…` themselves, to where the run's files lie by then.
    return { artifact_uri: source.startsWith('runs:') ? source : storageLocation };
  }

  @Endpoint('PATCH', 'model-versions/update')
  async update(@Message(update) { name, version, description }: z.infer<typeof update>): Promise<object> {
    await this.versions.describe(name, version, description ?? null);
    return this.answers.of(await this.versions.get(name, version));
  }

  @Endpoint('POST', 'model-versions/transition-stage')
  async transition(
    @Message(transition) { name, version, stage, archive_existing_versions }: z.infer<typeof transition>,
    @Headers('user-agent') agent?: string,
  ): Promise<object> {
    await this.mark.setStage({
      name,
      version,
      stage,
      archiveOthers: archive_existing_versions,
      by: clientOf(agent),
    });
    return this.answers.of(await this.versions.get(name, version));
  }

  @Endpoint('DELETE', 'model-versions/delete')
  async delete(
    @Message(reference) { name, version }: z.infer<typeof reference>,
    @Headers('user-agent') agent?: string,
  ): Promise<void> {
    await this.removal.deleteVersion(name, version, clientOf(agent));
  }

  @Endpoint('POST', 'model-versions/set-tag')
  async setTag(@Message(tag) { name, version, ...given }: z.infer<typeof tag>): Promise<void> {
    await this.tags.setOnVersion(name, version, tagOf(given));
  }

  @Endpoint('DELETE', 'model-versions/delete-tag')
  async deleteTag(@Message(untag) { name, version, key }: z.infer<typeof untag>): Promise<void> {
    await this.tags.deleteFromVersion(name, version, key);
  }
}
