import { PlatformError } from '#runtime';

/** S3's limit for a whole key; 100 are left to `S3_PREFIX`. */
const MAX_KEY_BYTES = 924;
/** The limit of common file systems for one name. */
const MAX_SEGMENT_BYTES = 255;

/**
 * The one door for keys that come from outside. They are decoded already (once, by who read the URL): a percent sign here is
 * a percent sign. Refused is whatever some store, URL or shell could read as leading elsewhere.
 * @returns the key as it was given
 * @throws PlatformError REQUEST_INVALID naming the key and what is wrong with it
 */
export const checkedKey = (key: string): string => {
  const fault = faultOf(key);
  if (fault !== undefined)
    throw new PlatformError('REQUEST_INVALID', `The artifact path ${JSON.stringify(key.slice(0, 200))} ${fault}.`);
  return key;
};

const faultOf = (key: string): string | undefined => {
  if (key === '') return 'is empty';
  if (key.startsWith('/')) return 'must be relative';
  if (/^[a-z]:/i.test(key)) return 'must not begin with a drive letter';
  if (key.includes('\\')) return 'must not hold a backslash';
  if (key.includes('#')) return 'must not hold "#"';
  if (/[\u0000-\u001f\u007f]/.test(key)) return 'must not hold control characters';
  if (!key.isWellFormed()) return 'is not well-formed Unicode';
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) return `is longer than ${String(MAX_KEY_BYTES)} bytes`;
  for (const segment of key.split('/')) {
    if (segment === '') return 'must not hold empty parts';
    if (segment === '.' || segment === '..') return `must not hold "${segment}"`;
    if (Buffer.byteLength(segment) > MAX_SEGMENT_BYTES)
      return `has a part that is longer than ${String(MAX_SEGMENT_BYTES)} bytes`;
  }
  return undefined;
};

/** Where a frozen model lies: addressed by its content, so equal models are stored once and a key tells what it must hold. */
export const blobKey = (sha256: string): string => {
  if (!/^[0-9a-f]{64}$/.test(sha256)) throw new PlatformError('REQUEST_INVALID', `"${sha256}" is no SHA-256 in hex.`);
  return `sha256/${sha256}`;
};
