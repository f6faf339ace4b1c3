import { Headers, Inject } from '@nestjs/common';
import { z } from 'zod';
import { PlatformError } from '#runtime';
import { MarkVersion } from '../../core/mark-version.js';
import { isLatest } from '../../core/model-names.js';
import { ModelVersions, RegisteredModels, type ModelVersion } from '../../core/registered-models.js';
import { clientOf } from './client-of.js';
import { Endpoint, MlflowController } from './endpoint.js';
import { Message } from './message.js';
import { aliasName, newAliasName, registeredName } from './registry-fields.js';
import { VersionAnswers } from './version-answers.js';
import { versionNumber } from './version-number.js';

const reference = z.object({ name: registeredName, alias: aliasName });
const setting = reference.extend({ alias: newAliasName, version: versionNumber });

@MlflowController()
export class ModelAliasesController {
  constructor(
    @Inject(RegisteredModels) private readonly models: RegisteredModels,
    @Inject(ModelVersions) private readonly versions: ModelVersions,
    @Inject(VersionAnswers) private readonly answers: VersionAnswers,
    @Inject(MarkVersion) private readonly mark: MarkVersion,
  ) {}

  @Endpoint('POST', 'registered-models/alias')
  async set(
    @Message(setting) { name, alias, version }: z.infer<typeof setting>,
    @Headers('user-agent') agent?: string,
  ): Promise<void> {
    await this.mark.setAlias({ name, version, alias, by: clientOf(agent) });
  }

  @Endpoint('DELETE', 'registered-models/alias')
  async delete(
    @Message(reference) { name, alias }: z.infer<typeof reference>,
    @Headers('user-agent') agent?: string,
  ): Promise<void> {
    await this.mark.deleteAlias({ name, alias, by: clientOf(agent) });
  }

  @Endpoint('GET', 'registered-models/alias')
  async get(@Message(reference) { name, alias }: z.infer<typeof reference>): Promise<object> {
    const { latestVersions } = await this.models.get(name);
    if (isLatest(alias)) return this.latest(name, latestVersions);
    const version = await this.models.findAlias(name, alias);
    if (version === undefined) throw new PlatformError('REQUEST_INVALID', `Registered model alias ${alias} not found.`);
    return this.answers.of(await this.versions.get(name, version));
  }

  /** `latest` is no alias that could be set, but can be asked for; MLflow then leaves the aliases out. */
  private latest(name: string, versions: ModelVersion[]): Promise<object> {
    const newest = versions.reduce<ModelVersion | undefined>(
      (found, version) => (found !== undefined && found.version > version.version ? found : version),
      undefined,
    );
    if (newest === undefined)
      throw new PlatformError('VERSION_NOT_FOUND', `Latest version not found for model ${name}.`);
    return this.answers.of(newest);
  }
}
