import type { Page, PageRequest, Tag } from './paging.js';
import type { DatasetRecord } from './dataset-records.js';
import type { Filter, Order } from './search/clauses.js';

export interface EvaluationDataset {
  datasetId: string;
  name: string;
  digest: string;
  /** JSON as MLflow writes it: the types of the fields of its records; absent until there are records. */
  schema: string | null;
  /** JSON too: how many records there are. */
  profile: string | null;
  createdMs: number;
  updatedMs: number;
  createdBy: string | null;
  updatedBy: string | null;
  tags: Tag[];
}

export interface EvaluationDatasetQuery extends PageRequest {
  /** Only datasets of one of these; all when empty. */
  experimentIds: string[];
  filter: Filter;
  orderBy: readonly Order[];
}

/** Where a page of records begins: after this one. */
export interface RecordCursor {
  createdMs: number;
  recordId: string;
}

/** Datasets by which generative models are judged, and their records. Errors: NOT_FOUND. */
export abstract class EvaluationDatasets {
  abstract create(dataset: { name: string; tags: Tag[]; experimentIds: string[] }): Promise<EvaluationDataset>;
  abstract get(datasetId: string): Promise<EvaluationDataset>;
  abstract search(query: EvaluationDatasetQuery): Promise<Page<EvaluationDataset>>;
  /** One that is not there is fine. Its records go with it. */
  abstract delete(datasetId: string): Promise<void>;
  abstract setTags(datasetId: string, tags: Tag[]): Promise<void>;
  /** A tag or dataset that is not there is fine. */
  abstract deleteTag(datasetId: string, key: string): Promise<void>;
  abstract experimentIds(datasetId: string): Promise<string[]>;
  abstract addToExperiments(datasetId: string, experimentIds: string[]): Promise<EvaluationDataset>;
  abstract removeFromExperiments(datasetId: string, experimentIds: string[]): Promise<EvaluationDataset>;
  /** A page of records, oldest first; none of a dataset that is not there. */
  abstract records(
    datasetId: string,
    page: { limit: number; after?: RecordCursor },
  ): Promise<{ items: DatasetRecord[]; next?: RecordCursor }>;
  /**
   * Hands the records with these hashes of inputs to `change` and stores what it makes of them, together with the new
   * state of the dataset; nobody else writes to the dataset meanwhile.
   */
  abstract changeRecords(datasetId: string, hashes: string[], change: RecordChange): Promise<void>;
  /** Tells how many there were. */
  abstract deleteRecords(datasetId: string, recordIds: string[]): Promise<number>;
}

export type RecordChange = (
  dataset: EvaluationDataset,
  known: Map<string, DatasetRecord>,
  nowMs: number,
) => {
  inserted: DatasetRecord[];
  updated: DatasetRecord[];
  dataset: Pick<EvaluationDataset, 'digest' | 'schema' | 'updatedBy'>;
};
