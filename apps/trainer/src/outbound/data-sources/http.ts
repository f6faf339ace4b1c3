import { Readable } from 'node:stream';
import { messageOf, PlatformError } from '#runtime';
import { copyLimited, tooLarge, type FetchLimits } from './limited-copy.js';

const MOST_REDIRECTS = 3;

/** Downloads to a file, following at most three redirects, and only to http(s). */
export const fetchHttp = async (uri: string, folder: string, limits: FetchLimits): Promise<string> => {
  const timeout = AbortSignal.timeout(limits.timeoutMs);
  const signal = AbortSignal.any([limits.signal, timeout]);
  try {
    const answer = await follow(checked(uri), signal, MOST_REDIRECTS);
    if (!answer.ok || answer.body === null) {
      await answer.body?.cancel();
      throw new PlatformError(
        'DATASET_UNREACHABLE',
        `The server of the data set answered ${String(answer.status)}; check the URI ${shown(uri)}.`,
      );
    }
    if (Number(answer.headers.get('content-length')) > limits.maxBytes) {
      await answer.body.cancel();
      throw tooLarge(limits.maxBytes);
    }
    return await copyLimited(Readable.fromWeb(answer.body), folder, { ...limits, signal });
  } catch (error) {
    if (error instanceof PlatformError) throw error;
    limits.signal.throwIfAborted();
    const why = timeout.aborted ? `not within ${String(limits.timeoutMs)} ms` : reasonOf(error);
    throw new PlatformError('DATASET_UNREACHABLE', `The data set ${shown(uri)} could not be fetched: ${why}.`, error);
  }
};

const follow = async (url: URL, signal: AbortSignal, left: number): Promise<Response> => {
  const answer = await fetch(url, { signal, redirect: 'manual', headers: { accept: 'text/csv, */*;q=0.5' } });
  const location = answer.headers.get('location');
  if (answer.status < 300 || answer.status > 399 || location === null) return answer;
  await answer.body?.cancel();
  if (left === 0) throw new PlatformError('DATASET_UNREACHABLE', 'The data set is redirected too often.');
  return follow(checked(new URL(location, url).href), signal, left - 1);
};

const checked = (uri: string): URL => {
  const url = URL.parse(uri);
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new PlatformError('DATASET_INVALID', `The data set's URI is not a valid http(s) address.`);
  if (url.username !== '' || url.password !== '')
    throw new PlatformError('DATASET_INVALID', `The data set's URI must not carry a user or a password.`);
  return url;
};

const shown = (uri: string): string => uri.replace(/[?#].*$/s, '');

/** fetch says "fetch failed"; why, says its cause. */
const reasonOf = (error: unknown): string =>
  error instanceof Error && error.cause !== undefined ? messageOf(error.cause) || messageOf(error) : messageOf(error);
