import type { Readable } from 'node:stream';
import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { ArtifactStore } from '#artifacts';
import { PlatformError } from '#runtime';
import { keyBelow } from '../../core/artifact-locations.js';
import { artifactPath, invalidPath } from '../../core/artifact-paths.js';
import { LoggedModels } from '../../core/logged-models.js';
import { ModelVersions } from '../../core/registered-models.js';
import { Runs } from '../../core/runs.js';
import { ArtifactDownload } from './artifact-download.js';
import { read } from './message.js';
import { MlflowOnlyError } from './mlflow-errors.js';
import { versionNumber } from './version-number.js';

const reference = z.object({ name: z.string(), version: versionNumber });

/** MLflow's limit of what its pages upload. */
const UPLOAD_LIMIT_BYTES = 10 * 1024 * 1024;

/** Single files as viewers open them: by run, version or logged model and a path relative to its root. */
@Controller()
export class ArtifactFilesController {
  constructor(
    @Inject(Runs) private readonly runs: Runs,
    @Inject(ModelVersions) private readonly versions: ModelVersions,
    @Inject(LoggedModels) private readonly loggedModels: LoggedModels,
    @Inject(ArtifactStore) private readonly store: ArtifactStore,
    @Inject(ArtifactDownload) private readonly download: ArtifactDownload,
  ) {}

  @Get('get-artifact')
  async ofRun(
    @Query() query: Record<string, unknown>,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const path = wanted(query, 'path');
    const runId = optional(query, 'run_id') ?? wanted(query, 'run_uuid', 'run_id');
    artifactPath(path);
    const { info } = await this.runs.get(runId);
    await this.download.answer(keyOf(info.artifactUri, path), path, request, reply);
  }

  @Get('model-versions/get-artifact')
  async ofVersion(
    @Query() query: Record<string, unknown>,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const path = wanted(query, 'path');
    artifactPath(path);
    const { name, version } = read(reference, { name: wanted(query, 'name'), version: wanted(query, 'version') });
    const { storageLocation } = await this.versions.get(name, version);
    await this.download.answer(keyOf(storageLocation, path), path, request, reply);
  }

  @Get('ajax-api/2.0/mlflow/logged-models/:model_id/artifacts/files')
  async ofLoggedModel(
    @Param('model_id') modelId: string,
    @Query() query: Record<string, unknown>,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const path = optional(query, 'artifact_file_path');
    if (path === undefined)
      throw new MlflowOnlyError(400, 'BAD_REQUEST', 'Request must include the "artifact_file_path" query parameter.');
    artifactPath(path);
    const { artifactUri } = await this.loggedModels.get(modelId);
    await this.download.answer(keyOf(artifactUri, path), path, request, reply);
  }

  @Post('ajax-api/2.0/mlflow/upload-artifact')
  @HttpCode(200)
  async upload(@Query() query: Record<string, unknown>, @Body() body: Readable): Promise<object> {
    const runId = optional(query, 'run_uuid');
    if (runId === undefined) throw new PlatformError('REQUEST_INVALID', 'Request must specify run_uuid.');
    const path = optional(query, 'path');
    if (path === undefined) throw new PlatformError('REQUEST_INVALID', 'Request must specify path.');
    artifactPath(path);
    const bytes = await limited(body);
    if (bytes.length === 0) throw new PlatformError('REQUEST_INVALID', 'Request must specify data.');
    const { info } = await this.runs.get(runId);
    await this.store.put(keyOf(info.artifactUri, path), bytes);
    return {};
  }
}

const limited = async (body: Readable): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > UPLOAD_LIMIT_BYTES)
      throw new PlatformError('REQUEST_INVALID', 'Artifact size is too large. Max size is 10MB.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
};

const keyOf = (location: string, path: string): string => {
  const key = keyBelow(location, path);
  if (key === undefined)
    throw new PlatformError('REQUEST_INVALID', 'These artifacts lie outside of this registry; it does not fetch them.');
  return key;
};

const optional = (query: Record<string, unknown>, name: string): string | undefined => {
  const given = query[name];
  const value: unknown = Array.isArray(given) ? given.at(-1) : given;
  if (typeof value === 'string' && (value.includes('\u0000') || !value.isWellFormed()))
    throw name.endsWith('path')
      ? invalidPath()
      : new PlatformError('REQUEST_INVALID', `Invalid value for parameter '${name}' supplied.`);
  return typeof value === 'string' && value !== '' ? value : undefined;
};

const wanted = (query: Record<string, unknown>, name: string, called = name): string => {
  const value = optional(query, name);
  if (value !== undefined) return value;
  throw new PlatformError(
    'REQUEST_INVALID',
    `Missing value for required parameter '${called}'. See the API docs for more information about request parameters.`,
  );
};
