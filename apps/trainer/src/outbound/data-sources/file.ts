import { constants } from 'node:fs';
import { open, realpath } from 'node:fs/promises';
import { resolve, sep } from 'node:path';
import { messageOf, PlatformError } from '#runtime';
import type { FetchedData } from '../../core/data-sources.js';
import { copyLimited, tooLarge, type FetchLimits } from './limited-copy.js';

/**
 * Copies a file that lies below the data root; relative paths begin there. Links are followed first and judged by where
 * they end, so that nothing leads out.
 */
export const fetchFile = async (
  uri: string,
  root: string | undefined,
  folder: string,
  limits: FetchLimits,
): Promise<FetchedData> => {
  if (root === undefined)
    throw new PlatformError(
      'DATASET_INVALID',
      'file: data sets are read below TRAINER_DATA_ROOT only, which is not set.',
    );
  const path = await insideOf(root, pathOf(uri), uri);
  const file = await opened(path, uri);
  try {
    const about = await file.stat();
    if (!about.isFile()) throw new PlatformError('DATASET_INVALID', `${uri} is not a file.`);
    if (about.size > limits.maxBytes) throw tooLarge(limits.maxBytes);
    return await copyLimited(file.createReadStream({ autoClose: false }), folder, limits);
  } finally {
    await file.close();
  }
};

const pathOf = (uri: string): string => {
  const given = /^file:(?:\/\/(?:localhost)?(?=\/))?(.*)$/i.exec(uri)?.[1] ?? '';
  let path: string;
  try {
    path = decodeURIComponent(given);
  } catch {
    throw new PlatformError('DATASET_INVALID', `${uri} has a broken %-escape.`);
  }
  if (path === '' || path.startsWith('//') || path.includes('\0'))
    throw new PlatformError(
      'DATASET_INVALID',
      `${uri} is no path of a file; write file:name.csv or file:///path/name.csv.`,
    );
  return path;
};

const insideOf = async (root: string, path: string, uri: string): Promise<string> => {
  const outside = new PlatformError('DATASET_INVALID', `${uri} does not lie below TRAINER_DATA_ROOT.`);
  const realRoot = await realpath(root).catch((error: unknown) => {
    throw new PlatformError('DATASET_UNREACHABLE', `TRAINER_DATA_ROOT cannot be read: ${messageOf(error)}`, error);
  });
  const wanted = resolve(root, path);
  // Judged before it is looked for: what lies outside is not even told to exist.
  if (!below(resolve(root), wanted) && !below(realRoot, wanted)) throw outside;
  const real = await realpath(wanted).catch((error: unknown) => {
    throw new PlatformError('DATASET_UNREACHABLE', `There is no file at ${uri}.`, error);
  });
  if (!below(realRoot, real)) throw outside;
  return real;
};

const opened = async (path: string, uri: string) => {
  try {
    return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    throw new PlatformError('DATASET_UNREACHABLE', `${uri} cannot be read: ${messageOf(error)}`, error);
  }
};

const below = (root: string, path: string): boolean => path.startsWith(root.endsWith(sep) ? root : root + sep);
