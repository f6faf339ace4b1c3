import { createHash } from 'node:crypto';
import type { FetchedData } from './data-sources.js';
import type { RecipeResult, TableOptions } from './recipe-runner.js';

/** A data set as a run's input, in MLflow's words. */
export interface DatasetInput {
  /** `training`, `testing`: what the run did with it. */
  context: string;
  name: string;
  digest: string;
  sourceType: string;
  /** JSON, as are schema and profile. */
  source: string;
  schema?: string;
  profile: string;
}

export interface UsedData {
  /** As it may be shown: without secrets. */
  uri: string;
  data: FetchedData;
  options: TableOptions;
  /** Of the split. */
  seed: unknown;
}

/** MLflow keeps 36 characters. */
const DIGEST_LENGTH = 32;

/**
 * What a run learnt from and what it was measured on. Parts of one split have digests of their own, made of the file's, the split and the
 * part: MLflow knows a data set by name and digest, and the same rows are the same data set in every run.
 */
export const datasetInputs = ({ uri, data, options, seed }: UsedData, result: RecipeResult): DatasetInput[] => {
  const { target, testShare, stratify, folds } = options;
  const split = { target, testShare, stratify, folds };
  const columns = result.signature?.inputs ?? [];
  const part = (context: string, rows: string | undefined): DatasetInput => ({
    context,
    name: nameOf(uri),
    digest: rows === undefined ? data.sha256.slice(0, DIGEST_LENGTH) : digestOf([data.sha256, split, seed, context]),
    sourceType: sourceTypes[schemeOf(uri)] ?? 'local',
    source: JSON.stringify({ [schemeOf(uri) === 's3' ? 'uri' : 'url']: uri }),
    ...(columns.length > 0 && { schema: JSON.stringify({ mlflow_colspec: columns.map(required) }) }),
    profile: JSON.stringify({
      ...(rows !== undefined && { num_rows: Number(rows) }),
      size_bytes: data.sizeBytes,
      sha256: data.sha256,
      format: data.format,
    }),
  });
  const { facts } = result;
  if (!('train_rows' in facts && 'test_rows' in facts)) return [part('training', undefined)];
  return [part('training', facts.train_rows), part('testing', facts.test_rows)];
};

const sourceTypes: Readonly<Record<string, string | undefined>> = { http: 'http', https: 'http', s3: 's3' };

const schemeOf = (uri: string): string => /^([a-z][a-z0-9+.-]*):/i.exec(uri)?.[1].toLowerCase() ?? 'builtin';

/** The last part of the address, without the endings of its format. */
const nameOf = (uri: string): string =>
  (
    uri
      .replace(/^[a-z0-9+.-]+:/i, '')
      .split('/')
      .findLast(Boolean) ?? 'dataset'
  )
    .replace(/\.(csv|parquet)(\.gz)?$/i, '')
    .slice(0, 500);

const digestOf = (parts: unknown[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, DIGEST_LENGTH);

const required = ({ name, type, required: needed = true }: { name: string; type: string; required?: boolean }) => ({
  type,
  name,
  required: needed,
});
