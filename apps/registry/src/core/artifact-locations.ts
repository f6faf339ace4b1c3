import { artifactPath, invalidPath } from './artifact-paths.js';

const SCHEME = 'mlflow-artifacts:/';
/** Proxied artifacts lie below this folder of the store, so that no client can reach a frozen file (`sha256/…`). */
const FOLDER = 'mlflow-artifacts';

/** Where the files of an experiment lie unless it was made with a place of its own. */
export const experimentLocation = (experimentId: string): string => `${SCHEME}${experimentId}`;
export const runLocation = (experiment: string, runId: string): string => `${experiment}/${runId}/artifacts`;
export const loggedModelLocation = (experiment: string, modelId: string): string =>
  `${experiment}/models/${modelId}/artifacts`;

/**
 * A path below the proxy as a key of the store.
 * @throws PlatformError REQUEST_INVALID "Invalid path" for the root and for whatever `artifactPath` refuses.
 */
export const proxiedKey = (path: string): string => {
  const plain = artifactPath(path);
  if (plain === '') throw invalidPath();
  return `${FOLDER}/${plain}`;
};

/**
 * The key of a path below a place this registry keeps; undefined when the place is somebody else's.
 * @throws PlatformError REQUEST_INVALID "Invalid path"; a path never leads out of its place.
 */
export const keyBelow = (location: string, path: string): string | undefined => {
  const plain = artifactPath(path);
  const root = keyOfLocation(location);
  if (root === undefined || plain === '') return root;
  return proxiedKey(`${root.slice(FOLDER.length + 1)}/${plain}`);
};

/** As `proxiedKey`, but the root is the folder of all proxied artifacts: for listings. */
export const keyOfProxied = (path: string): string => (artifactPath(path) === '' ? FOLDER : proxiedKey(path));

/** The key of a place this registry keeps, or undefined when the place is somebody else's (`s3://…`, `https://…`). */
export const keyOfLocation = (location: string): string | undefined =>
  location.startsWith(SCHEME) && !location.startsWith(`${SCHEME}/`)
    ? proxiedKey(location.slice(SCHEME.length).replace(/^\/+/, ''))
    : undefined;
