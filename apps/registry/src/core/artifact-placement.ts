import { PlatformError } from '#runtime';

/** Where a client wanted an experiment's artifacts, when that is not where they lie. */
export const WANTED_LOCATION_TAG = 'baton.artifactLocation';

const MAX_LENGTH = 2048;
/** A server that opened these would connect to whatever host a client names. */
const HOST_ADDRESSED = ['ftp', 'sftp', 'hdfs', 'viewfs', 'http', 'https', 'r2', 'b2', 'abfss'];

/**
 * Where the artifacts of an experiment lie. This registry keeps them itself, behind its proxy, so that no client needs a
 * path of this machine or the key of a store: a place that names one (people write `file:///mlflow/mlruns`, `s3://…`) is
 * taken and noted, and the artifacts lie in the experiment's own folder. An `mlflow-artifacts:` path is kept.
 * @throws PlatformError REQUEST_INVALID for what MLflow refuses, in its words, and for a path that leads out of the proxy.
 */
export const placeArtifacts = (location: string | undefined): { location?: string; wanted?: string } => {
  if (!location) return {};
  check(location);
  const path = /^mlflow-artifacts:\/*(.*)$/s.exec(location)?.[1];
  if (path === undefined) return { wanted: location };
  const segments = path.replace(/\/$/, '').split('/');
  if (
    segments.some((segment) => segment === '' || segment === '.' || segment === '..') ||
    /[\\%?\u0000-\u001f]/.test(path)
  )
    throw invalid(`Invalid path: '${location}' does not name a folder of this registry.`);
  return { location: `mlflow-artifacts:/${segments.join('/')}` };
};

const check = (location: string): void => {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(location)?.[1].toLowerCase() ?? '';
  const query = /\?([^#]*)/s.exec(location)?.[1] ?? '';
  const hasParams = ['', 'http', 'https', 'ftp', 'sftp'].includes(scheme) && /;[^/?#]+($|[?#])/.test(location);
  if (/#./s.test(location) || hasParams) throw invalid("'artifact_location' URL can't include fragments or params.");
  if (decoded(query).includes('..')) throw invalid('Invalid query string');
  if (HOST_ADDRESSED.includes(scheme) || /^mlflow-artifacts:\/\/(?!\/)/i.test(location))
    throw invalid(
      `'artifact_location' cannot use the '${scheme}' scheme: the '${scheme}' scheme addresses a host other than the tracking server's configured artifact storage, so the server would connect to the host named in the URI. Leave it out: this registry keeps artifacts itself.`,
    );
  if (scheme === 'runs') throw invalid(`Artifact location cannot be a runs:/ URI. Given: '${location}'`);
  if (location.length > MAX_LENGTH)
    throw invalid(
      `Invalid artifact path length. The length of the artifact path cannot be greater than ${String(MAX_LENGTH)} characters.`,
    );
};

/** Decoded until nothing changes: what is hidden twice is no better. */
const decoded = (query: string): string => {
  let text = query;
  for (let round = 0; round < 10; round++) {
    const next = text.replace(/%2e/gi, '.').replace(/%25/g, '%');
    if (next === text) break;
    text = next;
  }
  return text;
};

const invalid = (detail: string): PlatformError => new PlatformError('REQUEST_INVALID', detail);
