import { createReadStream } from 'node:fs';
import { CsvError, parse } from 'csv-parse';
import { PlatformError } from '#runtime';

/** Cells as text; each record has as many as the header. */
export interface CsvRecords {
  header: string[];
  records: string[][];
}

export interface CsvLimits {
  maxRows: number;
  maxColumns: number;
}

/** 20 million cells of text are about 1 GB in memory. */
const limitsByDefault: CsvLimits = { maxRows: 1_000_000, maxColumns: 2_000 };
const MAX_CELLS = 20_000_000;
const LONGEST_RECORD = 1_000_000;

/**
 * Reads a CSV file with a header line (RFC 4180, UTF-8, comma). Empty lines are skipped.
 * @throws PlatformError DATASET_INVALID naming the line that cannot be read.
 */
export const readCsv = async (path: string, limits: CsvLimits = limitsByDefault): Promise<CsvRecords> => {
  const parser = createReadStream(path).pipe(
    parse({
      bom: true,
      trim: true,
      skip_empty_lines: true,
      max_record_size: LONGEST_RECORD,
      relax_column_count: false,
    }),
  );
  let header: string[] | undefined;
  const records: string[][] = [];
  try {
    for await (const record of parser as AsyncIterable<string[]>) {
      if (header === undefined) header = checkedHeader(record, limits);
      else {
        records.push(record);
        checkSize(records.length, header.length, limits);
      }
    }
  } catch (error) {
    parser.destroy();
    throw error instanceof CsvError ? unreadable(error) : error;
  }
  if (header === undefined)
    throw new PlatformError('DATASET_INVALID', 'The data set is empty; it needs a header line and rows.');
  return { header, records };
};

const checkedHeader = (header: string[], { maxColumns }: CsvLimits): string[] => {
  if (header.length > maxColumns)
    throw new PlatformError(
      'DATASET_INVALID',
      `The data set has ${String(header.length)} columns; at most ${String(maxColumns)} can be read.`,
    );
  if (header.length === 1)
    throw new PlatformError(
      'DATASET_INVALID',
      `The header line has the single column "${header[0].slice(0, 100)}"; columns are separated by commas.`,
    );
  const nameless = header.indexOf('');
  if (nameless >= 0)
    throw new PlatformError('DATASET_INVALID', `Column ${String(nameless + 1)} has no name in the header line.`);
  if (header.every((cell) => Number.isFinite(Number(cell))))
    throw new PlatformError(
      'DATASET_INVALID',
      'The first line holds numbers only; the data set needs a header line with the names of its columns.',
    );
  return header;
};

const checkSize = (rows: number, columns: number, { maxRows }: CsvLimits): void => {
  if (rows > maxRows || rows * columns > MAX_CELLS)
    throw new PlatformError(
      'DATASET_INVALID',
      `The data set has more than ${String(Math.min(maxRows, Math.floor(MAX_CELLS / columns)))} rows; give a sample of it.`,
    );
};

const unreadable = (error: CsvError): PlatformError => {
  const line = typeof error.lines === 'number' ? `Line ${String(error.lines)}` : 'The data set';
  return new PlatformError('DATASET_INVALID', `${line} is not readable as CSV: ${error.message}.`, error);
};
