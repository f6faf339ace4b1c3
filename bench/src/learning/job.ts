import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a process is asked to do; the same for both sides. Rows and targets lie in the folder that `data.py` filled. */
export type Job = { set: string; recipe: string; parameters: object } & (
  | { do: 'fit'; threads: number }
  /** Threads of forests; all else has one. */
  | { do: 'folds'; threads: number }
  /** Ours: writes the ONNX file, and what the model and the file say of the rows. Theirs: asks the file. */
  | { do: 'run'; file: string }
);

/** One number for each fit, or for the one run. */
export interface Answer {
  seconds: number[];
  /** Accuracy or R² on each fold. */
  scores?: number[];
}

export interface DataSet {
  task: 'classification' | 'regression';
  rows: number;
  features: number;
  classes: number;
}

export const readSets = (folder: string): Record<string, DataSet> =>
  JSON.parse(readFileSync(join(folder, 'sets.json'), 'utf8')) as Record<string, DataSet>;

/** A copy of a file's bytes, so that numbers of any size may lie in it. */
export const bytesOf = (path: string): ArrayBuffer => new Uint8Array(readFileSync(path)).buffer;
