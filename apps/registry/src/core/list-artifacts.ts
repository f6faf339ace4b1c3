import type { ArtifactStore } from '#artifacts';
import { keyBelow, keyOfLocation } from './artifact-locations.js';
import { artifactPath } from './artifact-paths.js';
import type { LoggedModels } from './logged-models.js';
import type { Runs } from './runs.js';

export interface ArtifactList {
  /** Where the paths begin. */
  root: string;
  files: { path: string; isDirectory: boolean; sizeBytes?: number }[];
}

/**
 * Lists the files of runs and of logged models. MLflow 3 keeps a model's files beside the run that logged it; people
 * look for them in the run, so they are shown there too, below the model's name.
 */
export class ListArtifacts {
  constructor(
    private readonly store: ArtifactStore,
    private readonly runs: Runs,
    private readonly models: LoggedModels,
  ) {}

  /** @throws PlatformError NOT_FOUND; REQUEST_INVALID for a path that leads out of the model. */
  async ofLoggedModel(modelId: string, wish: string): Promise<ArtifactList> {
    const path = artifactPath(wish);
    const { artifactUri } = await this.models.get(modelId);
    return { root: artifactUri, files: await this.filesIn(artifactUri, path) };
  }

  /** The run's own files come first where both have a folder of the same name. @throws as `ofLoggedModel`. */
  async ofRun(runId: string, wish: string): Promise<ArtifactList> {
    const path = artifactPath(wish);
    const { artifactUri: root } = (await this.runs.get(runId)).info;
    const own = await this.filesIn(root, path);
    const [name, ...below] = path.split('/');
    if (path !== '' && own.length > 0) return { root, files: own };
    const models = await this.models.producedBy(runId);
    if (path === '') {
      const names = new Set(
        models.map((model) => model.name).filter((folder) => own.every((file) => file.path !== folder)),
      );
      return { root, files: [...own, ...Array.from(names, (folder) => ({ path: folder, isDirectory: true }))] };
    }
    const model = models.find((candidate) => candidate.name === name);
    if (model === undefined) return { root, files: [] };
    const files = await this.filesIn(model.artifactUri, below.join('/'));
    return { root, files: files.map((file) => ({ ...file, path: `${name}/${file.path}` })) };
  }

  /** Paths are relative to the location, not to the folder within it. */
  private async filesIn(location: string, path: string): Promise<ArtifactList['files']> {
    const root = keyOfLocation(location);
    const folder = keyBelow(location, path);
    if (root === undefined || folder === undefined) return [];
    const entries = await this.store.list(folder);
    return entries.map(({ key, isDirectory, sizeBytes }) => ({
      path: key.slice(root.length + 1),
      isDirectory,
      sizeBytes,
    }));
  }
}
