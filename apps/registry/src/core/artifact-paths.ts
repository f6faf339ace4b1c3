import { PlatformError } from '#runtime';

/** As often as MLflow decodes before it gives up. */
const DECODE_ROUNDS = 10;
/** A key of the store may have 924 bytes; the proxy's own folder needs some of them. */
const MAX_PATH_BYTES = 900;
/** The limit of common file systems for one name. */
const MAX_NAME_BYTES = 255;

/**
 * The one rule for paths of artifacts, as MLflow has it: a path is decoded until decoding changes nothing more, and that is
 * the name. So whatever decodes it again later finds the same name, `%252e%252e` can hide nothing, and a percent sign is
 * fine where it begins no escape (`100%.txt`). Empty parts and `.` are dropped.
 * @param path below some root, decoded once by who read the URL
 * @returns the path, `''` for the root itself
 * @throws PlatformError REQUEST_INVALID "Invalid path" for whatever could lead elsewhere: `..`, absolute paths, drive letters,
 * `file:`, backslashes, `#`, control characters, bytes that are no UTF-8; and for names longer than stores take
 */
export const artifactPath = (path: string): string => {
  const decoded = fullyDecoded(path);
  if (decoded === undefined || !decoded.isWellFormed()) throw invalidPath();
  if (/[\\#\u0000-\u001f\u007f]/.test(decoded)) throw invalidPath();
  if (/^(\/|[a-z]:(\/|$)|file:)/i.test(decoded)) throw invalidPath();
  const names = decoded.split('/').filter((name) => name !== '' && name !== '.');
  if (names.includes('..')) throw invalidPath();
  if (names.some((name) => Buffer.byteLength(name) > MAX_NAME_BYTES))
    throw invalidPath(`: a name has more than ${String(MAX_NAME_BYTES)} bytes.`);
  const plain = names.join('/');
  if (Buffer.byteLength(plain) > MAX_PATH_BYTES)
    throw invalidPath(`: it has more than ${String(MAX_PATH_BYTES)} bytes.`);
  return plain;
};

export const invalidPath = (reason = ''): PlatformError =>
  new PlatformError('REQUEST_INVALID', `Invalid path${reason}`);

const fullyDecoded = (path: string): string | undefined => {
  let present = path;
  for (let round = 0; round < DECODE_ROUNDS; round++) {
    const decoded = decodedOnce(present);
    if (decoded === undefined || decoded === present) return decoded;
    present = decoded;
  }
  return undefined;
};

/** Escapes that are none stay as they are; those that make no UTF-8 are no name. */
const decodedOnce = (path: string): string | undefined => {
  try {
    return path.replace(/(?:%[0-9a-f]{2})+/gi, (escapes) => decodeURIComponent(escapes));
  } catch {
    return undefined;
  }
};
