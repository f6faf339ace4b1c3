import { S3Error } from 'minio';
import { PlatformError } from '#runtime';

/** Codes by which servers say that an object isn't there; HEAD answers have no body and so no code of their own. */
const absent = new Set(['NoSuchKey', 'NotFound', 'NoSuchUpload']);
const refused = new Set(['AccessDenied', 'InvalidAccessKeyId', 'SignatureDoesNotMatch']);
const taken = new Set(['PreconditionFailed', 'ConditionalRequestConflict']);
/** Of servers that keep objects as files: two each of VersityGW and MinIO. Elsewhere both may lie side by side. */
const inTheWay = new Set([
  'ExistingObjectIsDirectory',
  'ObjectParentIsFile',
  'XMinioObjectExistsAsDirectory',
  'XMinioParentIsObject',
]);

export const codeOf = (error: unknown): string => {
  if (!(error instanceof Error) || !('code' in error)) return '';
  return typeof error.code === 'string' ? error.code : '';
};

export const isAbsent = (error: unknown): boolean => error instanceof Error && absent.has(codeOf(error));

/** Says an error of the client in the words of the port. Whatever isn't about one object is a store that doesn't work. */
export const saidAsStore = (error: unknown, key: string): PlatformError => {
  if (error instanceof PlatformError) return error;
  const code = codeOf(error);
  if (isAbsent(error)) return new PlatformError('ARTIFACT_NOT_FOUND', `There is no artifact ${key}.`, error);
  if (taken.has(code)) return new PlatformError('ARTIFACT_EXISTS', `The artifact ${key} exists.`, error);
  if (inTheWay.has(code))
    return new PlatformError('CONFLICT', 'An artifact can not be both a file and a folder.', error);
  if (error instanceof S3Error && refused.has(code))
    return new PlatformError(
      'STORE_UNAVAILABLE',
      `The S3 server refuses us (${code}): check S3_ACCESS_KEY, S3_SECRET_KEY and the rights on S3_BUCKET.`,
      error,
    );
  // Messages name hosts, which clients must not learn; the log has the cause.
  const because = code === '' ? '' : ` (${code})`;
  return new PlatformError('STORE_UNAVAILABLE', `The S3 server does not work${because}.`, error);
};
