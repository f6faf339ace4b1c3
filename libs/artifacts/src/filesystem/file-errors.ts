import { PlatformError } from '#runtime';

const inTheWay = new Set(['EEXIST', 'ENOTDIR', 'EISDIR', 'ENOTEMPTY']);
const absent = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'ENOTEMPTY', 'EISDIR', 'ENXIO', 'ENAMETOOLONG']);

/**
 * Says errors of the file system in the words of the port. With `otherwise`, what isn't there (or is of another kind: a
 * folder, a link) is that value; without, it is a conflict with what is there. Anything else is an unavailable store.
 */
export const saidAsStore = async <T>(work: () => Promise<T>, ...otherwise: [T] | []): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    if (error instanceof PlatformError) throw error;
    const code = codeOf(error);
    const [value] = otherwise;
    if (otherwise.length === 1 && absent.has(code)) return value as T;
    if (code === 'EEXIST' && isLink(error)) throw new PlatformError('ARTIFACT_EXISTS', undefined, error);
    if (inTheWay.has(code))
      throw new PlatformError('CONFLICT', 'An artifact can not be both a file and a folder.', error);
    // Messages of the system name paths, which clients must not learn; the log has the cause.
    throw new PlatformError('STORE_UNAVAILABLE', `The artifact folder does not work (${code || 'unknown'}).`, error);
  }
};

export const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';

const isLink = (error: unknown): boolean => error instanceof Error && 'syscall' in error && error.syscall === 'link';
