import { PlatformError } from '#runtime';

const SCHEME = 'mlflow-artifacts:/';
/** Proxied artifacts lie below this folder of the store, so that no client can reach a frozen file (`sha256/…`). */
const FOLDER = 'mlflow-artifacts';

/** Where the files of an experiment lie unless it was made with a place of its own. */
export const experimentLocation = (experimentId: string): string => `${SCHEME}${experimentId}`;
export const runLocation = (experiment: string, runId: string): string => `${experiment}/${runId}/artifacts`;
export const loggedModelLocation = (experiment: string, modelId: string): string =>
  `${experiment}/models/${modelId}/artifacts`;

/**
 * A path below the proxy, already decoded once, as a key of the store.
 * @throws PlatformError REQUEST_INVALID for `..`, absolute paths, backslashes, `#`, control characters and empty segments.
 */
export const proxiedKey = (path: string): string => {
  const trimmed = path.replace(/\/$/, '');
  if (trimmed === '' || /[\\#\u0000-\u001f]/.test(trimmed)) throw invalidPath();
  // A second decoding somewhere down the line must not turn a harmless name into a way out.
  if (/%(2e|2f|5c|00|25)/i.test(trimmed)) throw invalidPath();
  if (trimmed.split('/').some((segment) => segment === '' || segment === '.' || segment === '..')) throw invalidPath();
  return `${FOLDER}/${trimmed}`;
};

/** The folder of proxied artifacts itself. */
export const proxiedRoot = FOLDER;

/** The key of a place this registry keeps, or undefined when the place is somebody else's (`s3://…`, `https://…`). */
export const keyOfLocation = (location: string): string | undefined =>
  location.startsWith(SCHEME) && !location.startsWith(`${SCHEME}/`)
    ? proxiedKey(location.slice(SCHEME.length).replace(/^\/+/, ''))
    : undefined;

const invalidPath = (): PlatformError => new PlatformError('REQUEST_INVALID', 'Invalid path');
