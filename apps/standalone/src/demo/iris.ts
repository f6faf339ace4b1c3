import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** Rows of the real iris data set, every one: the rows that a training held out are among them. */
export interface IrisRows {
  features: string[];
  /** Four measures each, in the order of `features`. */
  rows: number[][];
}

export const irisRows = (): IrisRows => {
  const path = createRequire(import.meta.url).resolve('#trainer/data/iris.csv');
  const [head, ...lines] = readFileSync(path, 'utf8').trim().split('\n');
  return {
    features: head.split(',').slice(0, 4),
    rows: lines.map((line) => line.split(',').slice(0, 4).map(Number)),
  };
};

/** A row as `POST /predict` takes it. */
export const recordOf = ({ features }: IrisRows, row: number[]): Record<string, number> =>
  Object.fromEntries(features.map((feature, index) => [feature, row[index]]));
