import { Inject } from '@nestjs/common';
import type { z } from 'zod';
import { ArtifactStore } from '#artifacts';
import { keyOfLocation } from '../../core/artifact-locations.js';
import { Runs } from '../../core/runs.js';
import { Endpoint, MlflowController } from './endpoint.js';
import { text } from './fields.js';
import { Message } from './message.js';
import { runIdOf, runReference } from './run-reference.js';

const listing = runReference.extend({ path: text.optional(), page_token: text.optional() });

/** Artifacts as a run shows them: paths are relative to the run's own folder. */
@MlflowController()
export class RunArtifactsController {
  constructor(
    @Inject(Runs) private readonly runs: Runs,
    @Inject(ArtifactStore) private readonly store: ArtifactStore,
  ) {}

  @Endpoint('GET', 'artifacts/list')
  async list(@Message(listing) query: z.infer<typeof listing>): Promise<object> {
    const { info } = await this.runs.get(runIdOf(query));
    const root = keyOfLocation(info.artifactUri);
    const folder = query.path ? keyOfLocation(`${info.artifactUri}/${query.path}`) : root;
    const entries = root === undefined || folder === undefined ? [] : await this.store.list(folder);
    return {
      root_uri: info.artifactUri,
      files: entries.map(({ key, isDirectory, sizeBytes }) => ({
        path: key.slice((root?.length ?? 0) + 1),
        is_dir: isDirectory,
        file_size: sizeBytes,
      })),
    };
  }
}
