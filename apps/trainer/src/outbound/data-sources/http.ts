import { lookup } from 'node:dns/promises';
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { isPublicAddress, messageOf, PlatformError } from '#runtime';
import type { FetchedData } from '../../core/data-sources.js';
import { copyLimited, tooLarge, type FetchLimits } from './limited-copy.js';

export interface HttpLimits extends FetchLimits {
  /** Lets data sets lie on this machine and in private networks. */
  allowPrivate: boolean;
}

const MOST_REDIRECTS = 3;

/**
 * Downloads to a file, following at most three redirects, and only to http(s). Whoever may ask for a training must not reach through the
 * trainer what only the trainer can reach: private addresses are refused, each redirect and each resolved name anew, by the lookup of the
 * connection itself.
 */
export const fetchHttp = async (uri: string, folder: string, limits: HttpLimits): Promise<FetchedData> => {
  const timeout = AbortSignal.timeout(limits.timeoutMs);
  const signal = AbortSignal.any([limits.signal, timeout]);
  try {
    const answer = await follow(checked(uri), limits.allowPrivate, signal, MOST_REDIRECTS);
    if (answer.statusCode !== 200) {
      answer.destroy();
      throw new PlatformError(
        'DATASET_UNREACHABLE',
        `The server of the data set answered ${String(answer.statusCode)}; check the URI ${shown(uri)}.`,
      );
    }
    if (Number(answer.headers['content-length']) > limits.maxBytes) {
      answer.destroy();
      throw tooLarge(limits.maxBytes);
    }
    return await copyLimited(answer, folder, { ...limits, signal });
  } catch (error) {
    if (error instanceof PlatformError) throw error;
    limits.signal.throwIfAborted();
    const why = timeout.aborted ? `not within ${String(limits.timeoutMs)} ms` : messageOf(error);
    throw new PlatformError('DATASET_UNREACHABLE', `The data set ${shown(uri)} could not be fetched: ${why}.`, error);
  }
};

const follow = async (url: URL, allowPrivate: boolean, signal: AbortSignal, left: number): Promise<IncomingMessage> => {
  const answer = await asked(url, allowPrivate, signal);
  const { location } = answer.headers;
  const status = answer.statusCode ?? 0;
  if (status < 300 || status > 399 || location === undefined) return answer;
  answer.destroy();
  if (left === 0) throw new PlatformError('DATASET_UNREACHABLE', 'The data set is redirected too often.');
  const next = URL.parse(location, url.href);
  return follow(checked(next?.href ?? location), allowPrivate, signal, left - 1);
};

const asked = (url: URL, allowPrivate: boolean, signal: AbortSignal): Promise<IncomingMessage> => {
  const secure = url.protocol === 'https:';
  const host = url.hostname.replace(/^\[|\]$/g, '');
  // An address in numbers is never looked up.
  if (!allowPrivate && isIP(host) !== 0) refusePrivate(host, host);
  const options: RequestOptions = {
    headers: { accept: 'text/csv, */*;q=0.5', 'accept-encoding': 'identity' },
    signal,
    agent: secure ? new HttpsAgent() : new HttpAgent(),
    ...(!allowPrivate && { lookup: publicLookup }),
  };
  return new Promise((resolve, reject) => {
    const request = (secure ? httpsRequest : httpRequest)(url, options, resolve);
    request.on('error', reject);
    request.end();
  });
};

const publicLookup: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { all: true })
    .then((found) => {
      for (const { address } of found) refusePrivate(hostname, address);
      if (options.all === true) callback(null, found);
      else callback(null, found[0].address, found[0].family);
    })
    .catch((error: unknown) => {
      callback(error as NodeJS.ErrnoException, '');
    });
};

const refusePrivate = (host: string, address: string): void => {
  if (isPublicAddress(address)) return;
  throw new PlatformError(
    'DATASET_INVALID',
    `${host} is on a private network (${address}), from which data sets are not read; set TRAINER_DATA_ALLOW_PRIVATE=true at the trainer to allow it.`,
  );
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
