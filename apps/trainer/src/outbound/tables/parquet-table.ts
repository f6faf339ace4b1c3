import {
  asyncBufferFromFile,
  parquetMetadataAsync,
  parquetScan,
  parquetSchema,
  type AsyncBuffer,
  type Compressors,
  type DecodedArray,
  type FileMetaData,
  type SchemaElement,
} from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { messageOf, PlatformError } from '#runtime';
import type { FeatureBuilder } from '../../core/tables/feature-builder.js';
import { invalidData } from '../../core/tables/invalid-data.js';
import { TableBuilder, type Table, type TableRequest } from '../../core/tables/table-builder.js';
import type { TargetBuilder } from '../../core/tables/target-builder.js';
import { unpacksTooLarge, type TableFile } from './table-file.js';

/**
 * Reads a Parquet file group by group and column by column, only the columns that are asked for.
 * @throws PlatformError DATASET_INVALID naming row and column, or what of the file can't be read.
 */
export const readParquet = async ({ path, maxBytes }: TableFile, request: TableRequest): Promise<Table> => {
  try {
    const file = await asyncBufferFromFile(path);
    const metadata = await parquetMetadataAsync(file);
    const elements = parquetSchema(metadata).children.map(({ element }) => element);
    const builder = new TableBuilder(
      elements.map(({ name }) => name),
      request,
      'Row',
    );
    const wanted = elements.flatMap((element, at) => {
      const column = builder.builders[at];
      return column === undefined ? [] : [{ element, column }];
    });
    for (const { element } of wanted) checkReadable(element);
    builder.row(Number(metadata.num_rows));
    checkSize(metadata, new Set(wanted.map(({ element }) => element.name)), maxBytes);
    await readColumns({ file, metadata, compressors: limited(maxBytes) }, wanted);
    return builder.finish();
  } catch (error) {
    if (error instanceof PlatformError) throw error;
    throw invalidData(`The data set is not readable as Parquet: ${messageOf(error)}.`, error);
  }
};

interface Wanted {
  element: SchemaElement;
  column: FeatureBuilder | TargetBuilder;
}

const readColumns = async (
  from: { file: AsyncBuffer; metadata: FileMetaData; compressors: Compressors },
  wanted: readonly Wanted[],
): Promise<void> => {
  const groups = from.metadata.row_groups.map(({ num_rows }) => Number(num_rows));
  const held = groups.reduce((sum, rows) => sum + rows, 0);
  if (held !== Number(from.metadata.num_rows))
    throw invalidData(`The Parquet file says ${String(from.metadata.num_rows)} rows and holds ${String(held)}.`);
  for (const { element, column } of wanted) {
    // One for each column: a scan keeps what it read last.
    const scan = await parquetScan({ ...from, columns: [element.name] });
    let rowStart = 0;
    for (const rows of groups) {
      const values = await scan.readColumn({ column: element.name, rowStart, rowEnd: rowStart + rows });
      if (values.length !== rows)
        throw invalidData(
          `The column "${element.name}" has ${String(values.length)} values where ${String(rows)} rows are due.`,
        );
      take(values, column, rowStart + 1);
      rowStart += rows;
    }
  }
};

const take = (values: DecodedArray, column: FeatureBuilder | TargetBuilder, firstRow: number): void => {
  for (let at = 0; at < values.length; at++) {
    const value = values[at] as unknown;
    const row = firstRow + at;
    if (value === null || value === undefined) column.addMissing(row);
    else if (typeof value === 'string') column.addText(value, row);
    else if (typeof value === 'number') column.addValue(value, row);
    else if (typeof value === 'boolean') column.addValue(Number(value), row);
    // As text, so that no digit of a label is lost.
    else if (typeof value === 'bigint') column.addWhole(value, row);
    else throw unreadable(column.name, 'values that are neither numbers nor texts');
  }
};

const checkReadable = (element: SchemaElement): void => {
  const { name, num_children, repetition_type, logical_type, converted_type, type } = element;
  if (num_children !== undefined && num_children > 0) throw unreadable(name, 'nested values');
  if (repetition_type === 'REPEATED') throw unreadable(name, 'lists');
  const kind = logical_type?.type ?? converted_type ?? '';
  if (/^(DATE|TIME|TIMESTAMP|INTERVAL)/.test(kind) || type === 'INT96') throw unreadable(name, 'dates or times');
  if (/^(JSON|BSON|UUID|VARIANT|GEOMETRY|GEOGRAPHY|LIST|MAP)/.test(kind)) throw unreadable(name, kind);
};

const unreadable = (name: string, what: string): Error =>
  invalidData(`The column "${name}" holds ${what}; give numbers or texts, or leave it out (dataset.drop).`);

/** What the file says of itself, before anything is read: groups may well name the same bytes again and again. */
const checkSize = ({ row_groups }: FileMetaData, names: ReadonlySet<string>, maxBytes: number): void => {
  let packed = 0;
  let unpacked = 0;
  for (const { columns } of row_groups)
    for (const { meta_data: about } of columns)
      if (about !== undefined && names.has(about.path_in_schema[0])) {
        packed += Number(about.total_compressed_size);
        unpacked += Number(about.total_uncompressed_size);
      }
  if (Math.max(packed, unpacked) > maxBytes) throw unpacksTooLarge(maxBytes);
};

/** And what its pages say, all together: each is unpacked into memory of the length it names. */
const limited = (maxBytes: number): Compressors => {
  let unpacked = 0;
  return Object.fromEntries(
    Object.entries(compressors).map(([codec, unpack]) => [
      codec,
      (input: Uint8Array, length: number) => {
        unpacked += length;
        if (unpacked > maxBytes) throw unpacksTooLarge(maxBytes);
        return unpack(input, length);
      },
    ]),
  );
};
