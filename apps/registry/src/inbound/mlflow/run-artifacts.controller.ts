import { Inject } from '@nestjs/common';
import { z } from 'zod';
import { PlatformError } from '#runtime';
import { artifactPath } from '../../core/artifact-paths.js';
import { ListArtifacts } from '../../core/list-artifacts.js';
import { LoggedModels } from '../../core/logged-models.js';
import { Runs } from '../../core/runs.js';
import { Endpoint, MlflowController } from './endpoint.js';
import { int64, required, text } from './fields.js';
import { Message } from './message.js';
import { MlflowOnlyError } from './mlflow-errors.js';
import { runIdOf, runReference } from './run-reference.js';
import { artifactListShape } from './shapes.js';

const listing = runReference.extend({ path: text.optional(), page_token: text.optional() });

const presigning = z.object({
  run_id: text.optional(),
  model_id: text.optional(),
  path: required,
  expiration: int64.optional(),
});
const fetching = z.object({ run_id: required, path: required, expiration: int64.optional() });

/** Artifacts as a run shows them: paths are relative to the run's own folder. */
@MlflowController()
export class RunArtifactsController {
  constructor(
    @Inject(Runs) private readonly runs: Runs,
    @Inject(ListArtifacts) private readonly artifacts: ListArtifacts,
    @Inject(LoggedModels) private readonly loggedModels: LoggedModels,
  ) {}

  @Endpoint('GET', 'artifacts/list')
  async list(@Message(listing) query: z.infer<typeof listing>): Promise<object> {
    return artifactListShape(await this.artifacts.ofRun(runIdOf(query), query.path ?? ''));
  }

  /** Every root that this registry gives out is proxied, and MLflow signs no URLs for those. */
  @Endpoint('POST', 'artifacts/presigned-upload-url')
  async presignUpload(@Message(presigning) query: z.infer<typeof presigning>): Promise<object> {
    const { run_id, model_id } = query;
    if (Boolean(run_id) === Boolean(model_id))
      throw new PlatformError('REQUEST_INVALID', 'Exactly one of run_id and model_id must be provided.');
    artifactPath(query.path);
    const uri = run_id ? (await this.runs.get(run_id)).info.artifactUri : await this.locationOf(model_id ?? '');
    throw notPresigned('upload', 'proxied artifact storage', uri, 'a direct cloud storage artifact URI');
  }

  @Endpoint('POST', 'artifacts/presigned-download-url')
  async presignDownload(@Message(fetching) query: z.infer<typeof fetching>): Promise<object> {
    artifactPath(query.path);
    const { expiration = 300 } = query;
    if (expiration < 1 || expiration > 604_800)
      throw new PlatformError(
        'REQUEST_INVALID',
        `expiration must be between 1 and 604800 seconds (got ${String(expiration)}).`,
      );
    const { info } = await this.runs.get(query.run_id);
    throw notPresigned(
      'download',
      'runs with proxied artifact storage',
      info.artifactUri,
      'a run with a direct cloud storage artifact URI',
    );
  }

  private async locationOf(modelId: string): Promise<string> {
    return (await this.loggedModels.get(modelId)).artifactUri;
  }
}

const notPresigned = (what: 'upload' | 'download', where: string, uri: string, needs: string): Error => {
  const scheme = /^[a-z][a-z0-9+.-]*(?=:)/i.exec(uri)?.[0] ?? '';
  if (!['http', 'https', 'mlflow-artifacts'].includes(scheme))
    return new MlflowOnlyError(
      501,
      'NOT_IMPLEMENTED',
      `Presigned ${what} is not supported for the current artifact repository`,
    );
  return new PlatformError(
    'REQUEST_INVALID',
    `Presigned ${what} is not supported for ${where} (artifact URI scheme: ${scheme}). This endpoint requires ${needs}.`,
  );
};
