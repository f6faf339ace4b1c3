import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { messageOf } from '#runtime';
import { CsvTable } from '../../core/tables/csv-table.js';
import { invalidData } from '../../core/tables/invalid-data.js';
import type { Table, TableRequest } from '../../core/tables/table-builder.js';
import { readParquet } from './parquet-table.js';
import { unpacksTooLarge, type TableFile } from './table-file.js';

const CHUNK_BYTES = 256 * 1024;

/**
 * Reads a file into columns while it streams by; text is gone as soon as it is read.
 * @throws PlatformError DATASET_INVALID naming line or row, and column.
 */
export const readTable = async (file: TableFile, request: TableRequest): Promise<Table> => {
  if (file.format === 'parquet') return readParquet(file, request);
  const table = new CsvTable(request);
  const bytes = createReadStream(file.path, { highWaterMark: CHUNK_BYTES });
  let unpacked = 0;
  for await (const chunk of (file.format === 'csv.gz' ? gunzipped(bytes) : bytes) as AsyncIterable<Buffer>) {
    unpacked += chunk.byteLength;
    if (unpacked > file.maxBytes) throw unpacksTooLarge(file.maxBytes);
    table.push(chunk);
  }
  return table.finish();
};

async function* gunzipped(bytes: Readable): AsyncGenerator<Buffer> {
  const unpacking = bytes.pipe(createGunzip({ chunkSize: CHUNK_BYTES }));
  bytes.once('error', (error) => unpacking.destroy(error));
  const chunks = unpacking[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  try {
    for (;;) {
      const next = await chunks.next().catch((error: unknown) => {
        throw invalidData(`The data set cannot be unpacked: ${messageOf(error)}.`, error);
      });
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    unpacking.destroy();
    bytes.destroy();
  }
}
