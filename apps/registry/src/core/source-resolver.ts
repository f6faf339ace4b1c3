import { PlatformError } from '#runtime';
import type { Source } from './artifact-locations.js';
import { MODEL_VERSIONS_TAG, type LoggedModels } from './logged-models.js';
import type { ModelVersions } from './registered-models.js';
import type { Runs } from './runs.js';

/** Where the files of a source lie, and what is known of where they came from. */
export interface Place {
  storageLocation: string;
  runId?: string;
  modelId?: string;
}

/** Follows `models:/…` and `runs:/…` to the place where the files lie; MLflow resolves at creation, and so do we. */
export class SourceResolver {
  constructor(
    private readonly loggedModels: LoggedModels,
    private readonly versions: ModelVersions,
    private readonly runs: Runs,
  ) {}

  /** @throws PlatformError NOT_FOUND for an unknown logged model or run, VERSION_NOT_FOUND. */
  async resolve(source: Source, given: { runId?: string; modelId?: string }): Promise<Place> {
    switch (source.kind) {
      case 'logged-model':
        return this.ofLoggedModel(source.modelId);
      case 'version': {
        const { storageLocation, runId, modelId } = await this.versions.get(source.name, source.version);
        return { storageLocation, runId: runId ?? undefined, modelId: modelId ?? undefined };
      }
      case 'run': {
        const { info } = await this.runs.get(source.runId);
        return { storageLocation: `${info.artifactUri}/${source.path}`, runId: source.runId };
      }
      case 'location': {
        if (given.runId !== undefined) await this.runs.get(given.runId);
        return { storageLocation: source.location.replace(/\/+$/, '') };
      }
    }
  }

  /** Adds the version to the list that MLflow keeps in a tag of the logged model. */
  async noteVersion(modelId: string, name: string, version: number): Promise<void> {
    try {
      const { tags } = await this.loggedModels.get(modelId);
      const noted = tags.find(({ key }) => key === MODEL_VERSIONS_TAG)?.value ?? '[]';
      const list = [...(JSON.parse(noted) as unknown[]), { name, version }];
      await this.loggedModels.setTags(modelId, [{ key: MODEL_VERSIONS_TAG, value: JSON.stringify(list) }]);
    } catch (error) {
      // A client may name a logged model of another server; the version stands without the note.
      if (!(error instanceof PlatformError && error.code === 'NOT_FOUND')) throw error;
    }
  }

  private async ofLoggedModel(modelId: string): Promise<Place> {
    const { artifactUri, sourceRunId } = await this.loggedModels.get(modelId);
    return { storageLocation: artifactUri, runId: sourceRunId ?? undefined, modelId };
  }
}
