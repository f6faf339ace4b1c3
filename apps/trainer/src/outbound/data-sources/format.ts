import { PlatformError } from '#runtime';
import type { DataFormat } from '../../core/data-sources.js';

/** So many bytes tell the formats apart. */
export const HEAD_BYTES = 16;

const known: [RegExp, DataFormat][] = [
  [/^PAR1/, 'parquet'],
  [/^\x1f\x8b/, 'csv.gz'],
];
const refused: [RegExp, string][] = [
  [/^PK\x03\x04/, 'a ZIP archive or an Excel sheet'],
  [/^\x28\xb5\x2f\xfd/, 'packed by zstd'],
  [/^BZh/, 'packed by bzip2'],
  [/^\xfd7zXZ/, 'packed by xz'],
  [/^ARROW1/, 'an Arrow file'],
  [/^\xff\xfe|^\xfe\xff/, 'UTF-16 text'],
  [/^\s*(?:<!doctype|<html|<\?xml)/i, 'a page for browsers'],
  [/^\s*[[{]/, 'JSON'],
];

/**
 * Told by the first bytes: names and content types say otherwise too often.
 * @throws PlatformError DATASET_INVALID for a format that is not read.
 */
export const formatOf = (head: Uint8Array): DataFormat => {
  const text = Buffer.from(head)
    .toString('latin1')
    .replace(/^\xef\xbb\xbf/, '');
  const found = known.find(([magic]) => magic.test(text));
  if (found !== undefined) return found[1];
  const other = refused.find(([magic]) => magic.test(text));
  if (other !== undefined)
    throw new PlatformError(
      'DATASET_INVALID',
      `Data sets are read as CSV with a header line (packed by gzip, too) and as Parquet; this one is ${other[1]}.`,
    );
  return 'csv';
};
