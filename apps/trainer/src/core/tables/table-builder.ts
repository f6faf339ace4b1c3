import type { Column, ColumnKind } from './column.js';
import { FeatureBuilder } from './feature-builder.js';
import { invalidData, listed } from './invalid-data.js';
import { ClassesBuilder, QuantityBuilder, type Target, type TargetBuilder } from './target-builder.js';

/** A data set to learn from, column after column. */
export interface Table {
  columns: Column[];
  target: Target;
  rowCount: number;
}

export type Task = 'classification' | 'regression';

/** What of a data set is read, and how. */
export interface TableRequest {
  task: Task;
  /** The column to predict; the last one when absent. */
  target?: string;
  /** The columns to learn from; all but the target when absent. */
  features?: readonly string[];
  /** Columns to leave out. */
  drop?: readonly string[];
  types?: Readonly<Record<string, ColumnKind>>;
  maxRows: number;
}

export const MOST_COLUMNS = 2_000;
/** In float32, and once more row after row for the learner: 800 MB. */
const MOST_CELLS = 100_000_000;

/** Makes a table of cells as they stream by; `unit` is what their places are counted in. */
export class TableBuilder {
  /** By the position in the header; undefined for a column that is left out. */
  readonly builders: readonly (FeatureBuilder | TargetBuilder | undefined)[];
  private readonly features: FeatureBuilder[];
  private readonly target: TargetBuilder;
  private readonly mostRows: number;
  /** Its width is what bounds its rows. */
  private readonly tooWide: boolean;
  private rows = 0;

  constructor(header: readonly string[], request: TableRequest, unit: 'Line' | 'Row') {
    checkHeader(header);
    const names = selected(header, request);
    const place = (at: number): string => `${unit} ${String(at)}`;
    const of = new Map(names.features.map((name) => [name, new FeatureBuilder(name, request.types?.[name], place)]));
    this.features = [...of.values()];
    this.target =
      request.task === 'classification'
        ? new ClassesBuilder(names.target, place)
        : new QuantityBuilder(names.target, place);
    this.builders = header.map((name) => (name === names.target ? this.target : of.get(name)));
    const mostCells = Math.floor(MOST_CELLS / (this.features.length + 1));
    this.tooWide = mostCells < request.maxRows;
    this.mostRows = Math.min(request.maxRows, mostCells);
  }

  /** Counts a row. @throws PlatformError DATASET_INVALID when there are more than may be read. */
  row(count = 1): void {
    this.rows += count;
    if (this.rows > this.mostRows)
      throw invalidData(
        `The data set has more than ${String(this.mostRows)} rows${this.tooWide ? ` of ${String(this.features.length)} features` : ''}; give a sample of it, or ${this.tooWide ? 'leave columns out (dataset.drop)' : 'raise TRAINER_MAX_DATASET_ROWS'}.`,
      );
  }

  finish(): Table {
    if (this.rows === 0) throw invalidData('The data set has a header but no rows.');
    const columns = this.features.map((each) => each.finish());
    const target = this.target.finish();
    if (this.rows > 1 && columns.every(isConstant))
      throw invalidData('No feature differs between any two rows, so there is nothing to learn from.');
    return { columns, target, rowCount: this.rows };
  }
}

const isConstant = (column: Column): boolean =>
  column.kind === 'number'
    ? column.values.every((value) => Object.is(value, column.values[0]))
    : column.codes.every((code) => code === column.codes[0]);

const checkHeader = (header: readonly string[]): void => {
  if (header.length > MOST_COLUMNS)
    throw invalidData(`The data set has more than ${String(MOST_COLUMNS)} columns, which is more than can be read.`);
  const nul = header.findIndex((name) => name.includes('\u0000'));
  if (nul >= 0) throw invalidData(`The name of column ${String(nul + 1)} has the character U+0000; rename it.`);
  const nameless = header.indexOf('');
  if (nameless >= 0) throw invalidData(`Column ${String(nameless + 1)} has no name in the header line.`);
  const twice = header.find((name, index) => header.indexOf(name) !== index);
  if (twice !== undefined) throw invalidData(`The column "${twice}" is there twice.`);
  if (header.length < 2) throw invalidData('The data set needs a target column and at least one feature.');
};

const selected = (header: readonly string[], request: TableRequest): { target: string; features: string[] } => {
  const { target = header[header.length - 1], features, drop = [], types = {} } = request;
  const check = (name: string, role: string): void => {
    if (!header.includes(name))
      throw invalidData(`The ${role} column "${name}" is not in the data set, which has: ${listed(header)}.`);
  };
  check(target, 'target');
  for (const name of drop) check(name, 'dropped');
  for (const name of Object.keys(types)) check(name, 'typed');
  if (drop.includes(target))
    throw invalidData(`The target "${target}" is among the dropped columns; name another target.`);
  const chosen = [...(features ?? header.filter((name) => name !== target && !drop.includes(name)))];
  for (const name of chosen) check(name, 'feature');
  if (chosen.includes(target)) throw invalidData(`The target "${target}" is among the features.`);
  const both = chosen.find((name) => drop.includes(name));
  if (both !== undefined) throw invalidData(`The column "${both}" is both a feature and dropped.`);
  const doubled = chosen.find((name, index) => chosen.indexOf(name) !== index);
  if (doubled !== undefined) throw invalidData(`The feature "${doubled}" is asked for twice.`);
  if (chosen.length === 0) throw invalidData('No feature is left to learn from.');
  return { target, features: chosen };
};
