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

/** What the `source` of a version points at. */
export type Source =
  | { kind: 'logged-model'; modelId: string }
  | { kind: 'version'; name: string; version: number }
  | { kind: 'run'; runId: string; path: string }
  | { kind: 'location'; location: string };

/**
 * Reads the `source` that a client names for a version. Local paths and traversal are refused: a registry that opened
 * them would hand out its own files.
 * @throws PlatformError REQUEST_INVALID with MLflow's words.
 */
export const parseSource = (source: string): Source => {
  const [, loggedModel] = /^models:\/(m-[0-9a-f]+)$/.exec(source) ?? [];
  if (loggedModel) return { kind: 'logged-model', modelId: loggedModel };
  const version = /^models:\/([^/:@]+)\/(\d+)$/.exec(source);
  if (version !== null) return { kind: 'version', name: decodeURIComponent(version[1]), version: Number(version[2]) };
  if (/(^|[/\\])(\.|%2e){2}($|[/\\])|%2f\.\.|\u0000|%00/i.test(source))
    throw new PlatformError(
      'REQUEST_INVALID',
      `Invalid model version source: '${source}'. If supplying a source as an http, https, local file path, ftp, objectstore or mlflow-artifacts uri, an absolute path must be provided without relative path references present. Please provide an absolute path.`,
    );
  const run = /^runs:\/([\w-]+)\/(.+)$/.exec(source);
  if (run !== null) return { kind: 'run', runId: run[1], path: run[2] };
  if (!/^[a-z][a-z0-9+.-]*:/i.test(source) || /^file:/i.test(source))
    throw new PlatformError(
      'REQUEST_INVALID',
      `Invalid model version source: '${source}'. To use a local path as a model version source, the run_id request parameter has to be specified and the local path has to be contained within the artifact directory of the run specified by the run_id; this registry keeps artifacts behind its proxy, so name an mlflow-artifacts:, runs: or models: source.`,
    );
  return { kind: 'location', location: source };
};
