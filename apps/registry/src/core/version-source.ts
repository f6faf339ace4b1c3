import { PlatformError } from '#runtime';

/** What the `source` of a version points at. */
export type Source =
  | { kind: 'logged-model'; modelId: string }
  | { kind: 'version'; name: string; wanted: { version: number } | { stage: string } | { alias: string } | 'latest' }
  | { kind: 'run'; runId: string; path: string }
  | { kind: 'location'; location: string };

const invalid = (detail: string): PlatformError => new PlatformError('REQUEST_INVALID', detail);

/** The source lies in a run or logged model which the request did not name, or names wrongly. */
export const notContained = (source: string, field: 'run_id' | 'model_id'): PlatformError =>
  invalid(
    `Invalid model version source: '${source}'. The ${field} request parameter must identify the resource that contains the source.`,
  );

/** Schemes that would have a server connect to whatever host the client named. */
const HOST_SCHEMES = ['ftp', 'sftp', 'hdfs', 'viewfs', 'http', 'https', 'r2', 'b2', 'abfss'];

/**
 * Reads the `source` that a client names for a version. Local paths, traversal in any encoding and hosts that we did
 * not choose are refused: a registry that opened them would hand out its own files, or knock at other doors.
 * @throws PlatformError REQUEST_INVALID with MLflow's words; `field` is the id that the request may name the owner by.
 */
export const parseSource = (source: string, field: 'run_id' | 'model_id'): Source => {
  const { scheme, host, path } = partsOf(source);
  if (HOST_SCHEMES.includes(scheme) || (scheme === 'mlflow-artifacts' && host !== ''))
    throw invalid(
      `'source' cannot use the '${scheme}' scheme: the '${scheme}' scheme addresses a host other than the tracking server's configured artifact storage, so the server would connect to the host named in the URI. This registry keeps artifacts behind its own proxy: name an mlflow-artifacts:, runs: or models: source.`,
    );
  if (scheme === 'models') return modelSource(source, host, path);
  if (scheme === '' || scheme === 'file')
    throw invalid(
      `Invalid model version source: '${source}'. To use a local path as a model version source, the ${field} request parameter has to be specified and the local path has to be contained within the artifact directory of the run specified by the ${field}.`,
    );
  checkAbsolute(source, path);
  if (scheme !== 'runs') return { kind: 'location', location: source };
  const [runId, ...rest] = path.slice(1).split('/');
  if (host !== '' || !path.startsWith('/') || runId === '') throw notContained(source, 'run_id');
  return { kind: 'run', runId, path: rest.join('/') };
};

/** True when every segment of `root` begins `location`; encodings do not matter. */
export const liesWithin = (location: string, root: string): boolean => {
  const [own, outer] = [location, root].map((uri) => {
    const { scheme, host, path } = partsOf(uri);
    return [
      `${scheme}:${host}`,
      ...path
        .split('/')
        .filter((part) => part !== '')
        .map((part) => decoded(uri, part)),
    ];
  });
  return outer.length > 1 && outer.every((part, at) => part === own[at]);
};

const modelSource = (source: string, host: string, path: string): Source => {
  if (host !== '')
    throw invalid(
      `Invalid model version source: '${source}'. Registered model sources must use the active model registry.`,
    );
  const parts = path.replace(/^\/+/, '').split('/');
  const [name, suffix] = parts as [string, string | undefined];
  if (!path.startsWith('/') || parts.length > 2 || name.trim() === '' || suffix?.trim() === '')
    throw notContained(source, 'model_id');
  if (suffix === undefined) {
    const at = name.lastIndexOf('@');
    if (at === -1) return { kind: 'logged-model', modelId: name };
    if (name.slice(at + 1).trim() === '') throw notContained(source, 'model_id');
    return { kind: 'version', name: name.slice(0, at), wanted: { alias: name.slice(at + 1) } };
  }
  if (/^\d+$/.test(suffix)) return { kind: 'version', name, wanted: { version: Number(suffix) } };
  return { kind: 'version', name, wanted: suffix.toLowerCase() === 'latest' ? 'latest' : { stage: suffix } };
};

/** As generic URIs are read: no scheme is a path, and what follows `?` or `#` is no path. */
const partsOf = (uri: string): { scheme: string; host: string; path: string } => {
  const [, scheme = '', rest = uri] = /^([a-z][a-z0-9+.-]*):(.*)$/is.exec(uri) ?? [];
  const [, host = '', path = rest] = /^\/\/([^/?#]*)(.*)$/s.exec(rest) ?? [];
  return { scheme: scheme.toLowerCase(), host, path: path.replace(/[?#].*$/s, '') };
};

/** Nobody nests encodings deeper than this but to get past a check. */
const DECODINGS = 16;

const decoded = (source: string, text: string): string => {
  let before = text;
  for (let pass = 0; pass < DECODINGS; pass++) {
    const after = before.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
    if (after === before) return after;
    before = after;
  }
  throw notAbsolute(source);
};

const checkAbsolute = (source: string, path: string): void => {
  const plain = decoded(source, path).replace(/\/+/g, '/').replace(/\/$/, '');
  const segments = plain.split('/').slice(1);
  const resolves = plain.startsWith('/') && !segments.some((part) => part === '.' || part === '..');
  if (!resolves || plain.includes('\0') || decoded(source, source).split('/').includes('..')) throw notAbsolute(source);
};

const notAbsolute = (source: string): PlatformError =>
  invalid(
    `Invalid model version source: '${source}'. If supplying a source as an http, https, local file path, ftp, objectstore, or mlflow-artifacts uri, an absolute path must be provided without relative path references present. Please provide an absolute path.`,
  );
