import { MlflowRefusal, type MlflowClient } from './mlflow.client.js';
import type { WireFile } from './mlflow-shapes.js';

export interface ListedFile {
  /** Below the root. */
  path: string;
  sizeBytes: number;
}

/** Files below one root of a server, however that server lets them be read. */
export interface ArtifactTree {
  list(folder: string): Promise<WireFile[]>;
  open(path: string): Promise<Response>;
}

const PROXY = '/api/2.0/mlflow-artifacts/artifacts';

export const encodedPath = (path: string): string => path.split('/').map(encodeURIComponent).join('/');

/** `mlflow-artifacts:/1/r/artifacts` or `mlflow-artifacts://host/1/r/artifacts` as a path below the proxy. */
export const proxiedPath = (uri: string): string | undefined =>
  /^mlflow-artifacts:(?:\/\/[^/]*)?\/*(.*?)\/*$/.exec(uri)?.[1];

/** What lies behind the artifact proxy. */
export class ProxiedTree implements ArtifactTree {
  constructor(
    private readonly client: MlflowClient,
    private readonly root: string,
  ) {}

  async list(folder: string): Promise<WireFile[]> {
    const path = [this.root, folder].filter(Boolean).join('/');
    const answer = await this.client.open(PROXY, { path });
    const { files = [] } = (await answer.json()) as { files?: WireFile[] };
    // The proxy names files by their last part only.
    return files.map((file) => ({ ...file, path: [folder, file.path].filter(Boolean).join('/') }));
  }

  open(path: string): Promise<Response> {
    return this.client.open(`${PROXY}/${encodedPath(`${this.root}/${path}`)}`);
  }
}

/** A run's files through the server, which can open what it was started with: a folder, a bucket. */
export class RunTree implements ArtifactTree {
  constructor(
    private readonly client: MlflowClient,
    private readonly runId: string,
  ) {}

  async list(folder: string): Promise<WireFile[]> {
    const query = { run_id: this.runId, path: folder || undefined };
    return (await this.client.get<{ files?: WireFile[] }>('artifacts/list', query)).files ?? [];
  }

  open(path: string): Promise<Response> {
    return this.client.open('/get-artifact', { run_id: this.runId, path });
  }
}

/** A logged model's files through the server. */
export class LoggedModelTree implements ArtifactTree {
  constructor(
    private readonly client: MlflowClient,
    private readonly modelId: string,
  ) {}

  async list(folder: string): Promise<WireFile[]> {
    const path = `logged-models/${this.modelId}/artifacts/directories`;
    const query = { artifact_directory_path: folder || undefined };
    return (await this.client.get<{ files?: WireFile[] }>(path, query)).files ?? [];
  }

  open(path: string): Promise<Response> {
    const files = `/ajax-api/2.0/mlflow/logged-models/${this.modelId}/artifacts/files`;
    return this.client.open(files, { artifact_file_path: path });
  }
}

/** Every file of a tree, folder by folder. A tree that is not there has none. */
export const filesOf = async (tree: ArtifactTree, folder = ''): Promise<ListedFile[]> => {
  const found: ListedFile[] = [];
  for (const { path, is_dir, file_size } of await listing(tree, folder)) {
    // Some servers answer a file's own name when it is asked for as a folder.
    if (path === folder) continue;
    if (is_dir === true) found.push(...(await filesOf(tree, path)));
    else found.push({ path, sizeBytes: Number(file_size ?? 0) });
  }
  return found;
};

const listing = async (tree: ArtifactTree, folder: string): Promise<WireFile[]> => {
  try {
    return await tree.list(folder);
  } catch (error) {
    if (error instanceof MlflowRefusal && error.status === 404 && error.code === 'RESOURCE_DOES_NOT_EXIST') return [];
    throw error;
  }
};
