import { CsvTokens, type CsvRecord } from './csv-tokens.js';
import { invalidData } from './invalid-data.js';
import { MOST_COLUMNS, TableBuilder, type Table, type TableRequest } from './table-builder.js';
import { decode } from './text-pool.js';

/** Makes a table of CSV text as its bytes stream by: the first record is the header. */
export class CsvTable {
  private builder?: TableBuilder;
  private width = 0;
  private readonly tokens: CsvTokens;

  constructor(private readonly request: TableRequest) {
    this.tokens = new CsvTokens(MOST_COLUMNS, (record) => {
      if (this.builder === undefined) this.begin(record);
      else this.take(record, this.builder);
    });
  }

  push(chunk: Uint8Array): void {
    this.tokens.push(chunk);
  }

  /** @throws PlatformError DATASET_INVALID, as `push` does, naming line and column. */
  finish(): Table {
    this.tokens.end();
    if (this.builder === undefined) throw invalidData('The data set is empty; it needs a header line and rows.');
    return this.builder.finish();
  }

  private begin({ bytes, starts, ends, count }: CsvRecord): void {
    const header = Array.from({ length: Math.min(count, starts.length) }, (_, cell) =>
      decode(bytes, starts[cell], ends[cell]),
    );
    if (count === 1)
      throw invalidData(
        `The header line has the single column "${header[0].slice(0, 100)}"; columns are separated by commas.`,
      );
    if (header.every((cell) => Number.isFinite(Number(cell))))
      throw invalidData(
        'The first line holds numbers only; the data set needs a header line with the names of its columns.',
      );
    this.width = count;
    this.builder = new TableBuilder(header, this.request, 'Line');
  }

  private take({ bytes, starts, ends, count, line }: CsvRecord, builder: TableBuilder): void {
    if (count !== this.width)
      throw invalidData(
        `Line ${String(line)} has ${String(count)} ${count === 1 ? 'cell' : 'cells'}; the header has ${String(this.width)}.`,
      );
    builder.row();
    const { builders } = builder;
    for (let cell = 0; cell < count; cell++) builders[cell]?.addCell(bytes, starts[cell], ends[cell], line);
  }
}
