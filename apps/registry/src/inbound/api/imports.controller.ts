import { Controller, HttpCode, Inject, Param, Post, Put } from '@nestjs/common';
import type { z } from 'zod';
import {
  importExperiment,
  importLoggedModel,
  importMetrics,
  importModel,
  importRun,
  importVersion,
  type ImportedExperiment,
  type ImportedFiles,
  type ImportedVersion,
} from '#contracts';
import { PlatformError } from '#runtime';
import { ImportModels } from '../../core/imports/import-models.js';
import { ImportTracking } from '../../core/imports/import-tracking.js';
import { Imports } from '../../core/imports/imports.js';
import { ContractBody } from './body.js';

/**
 * What `baton import` writes by: what MLflow's API can not take, since ids, numbers and times are those of another
 * server. Each call may be repeated; what is here under the same id, and is another thing, is refused with 409.
 */
@Controller('api/v1/import')
export class ImportsController {
  constructor(
    @Inject(Imports) private readonly imports: Imports,
    @Inject(ImportTracking) private readonly tracking: ImportTracking,
    @Inject(ImportModels) private readonly models: ImportModels,
  ) {}

  @Put('experiments/:id')
  experiment(
    @Param('id') id: string,
    @ContractBody(importExperiment) experiment: z.infer<typeof importExperiment>,
  ): Promise<ImportedExperiment> {
    return this.imports.experiment(id, experiment);
  }

  @Put('runs/:id')
  run(@Param('id') id: string, @ContractBody(importRun) run: z.infer<typeof importRun>): Promise<ImportedFiles> {
    if (!/^[a-zA-Z0-9][\w-]{0,255}$/.test(id)) throw new PlatformError('REQUEST_INVALID', `Invalid run ID: '${id}'`);
    return this.tracking.run(id, run);
  }

  @Post('runs/:id/metrics')
  @HttpCode(204)
  async metrics(
    @Param('id') id: string,
    @ContractBody(importMetrics) { metrics }: z.infer<typeof importMetrics>,
  ): Promise<void> {
    await this.tracking.metrics(id, metrics);
  }

  @Put('logged-models/:id')
  loggedModel(
    @Param('id') id: string,
    @ContractBody(importLoggedModel) model: z.infer<typeof importLoggedModel>,
  ): Promise<ImportedFiles> {
    if (!/^m-[0-9a-f]{32}$/.test(id))
      throw new PlatformError(
        'REQUEST_INVALID',
        `Invalid logged model ID: '${id}' is not m- and 32 hexadecimal digits.`,
      );
    return this.tracking.loggedModel(id, model);
  }

  @Put('models/:name')
  @HttpCode(204)
  async model(
    @Param('name') name: string,
    @ContractBody(importModel) model: z.infer<typeof importModel>,
  ): Promise<void> {
    await this.models.model(name, model);
  }

  @Put('models/:name/versions/:version')
  version(
    @Param('name') name: string,
    @Param('version') version: string,
    @ContractBody(importVersion) given: z.infer<typeof importVersion>,
  ): Promise<ImportedVersion> {
    if (!/^[1-9]\d{0,8}$/.test(version))
      throw new PlatformError('REQUEST_INVALID', `A version is a whole number from 1, not "${version}".`);
    return this.models.version(name, Number(version), given);
  }
}
