import { Headers, Inject } from '@nestjs/common';
import { z } from 'zod';
import { PlatformError } from '#runtime';
import { MarkVersion } from '../../core/mark-version.js';
import { checkedAlias } from '../../core/model-names.js';
import { ModelVersions, RegisteredModels } from '../../core/registered-models.js';
import { clientOf } from './client-of.js';
import { Endpoint, MlflowController } from './endpoint.js';
import { required } from './fields.js';
import { Message } from './message.js';
import { modelVersionShape } from './shapes.js';
import { versionNumber } from './version-number.js';

const reference = z.object({ name: required, alias: required });
const setting = reference.extend({ version: versionNumber });

@MlflowController()
export class ModelAliasesController {
  constructor(
    @Inject(RegisteredModels) private readonly models: RegisteredModels,
    @Inject(ModelVersions) private readonly versions: ModelVersions,
    @Inject(MarkVersion) private readonly mark: MarkVersion,
  ) {}

  @Endpoint('POST', 'registered-models/alias')
  async set(
    @Message(setting) { name, alias, version }: z.infer<typeof setting>,
    @Headers('user-agent') agent?: string,
  ): Promise<void> {
    await this.mark.setAlias({ name, version, alias: checkedAlias(alias), by: clientOf(agent) });
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
    await this.models.get(name);
    const version = await this.models.findAlias(name, alias);
    if (version === undefined) throw new PlatformError('REQUEST_INVALID', `Registered model alias ${alias} not found.`);
    return { model_version: modelVersionShape(await this.versions.get(name, version)) };
  }
}
