import type { DatasetRecord } from '../../core/dataset-records.js';
import type { EvaluationDataset } from '../../core/evaluation-datasets.js';
import { JsonNumber, pythonJson, type JsonValue } from '../../core/python-json.js';

/** MLflow tells a dataset's experiments when it makes one, and else only when it is asked for them. */
export const evaluationDatasetShape = (dataset: EvaluationDataset, experimentIds?: string[]) => ({
  dataset_id: dataset.datasetId,
  name: dataset.name,
  tags: pythonJson(new Map(dataset.tags.map(({ key, value }) => [key, value]))),
  schema: dataset.schema,
  profile: dataset.profile,
  digest: dataset.digest,
  created_time: dataset.createdMs,
  last_update_time: dataset.updatedMs,
  created_by: dataset.createdBy,
  last_updated_by: dataset.updatedBy,
  experiment_ids: experimentIds,
});

/** The list of records is JSON within JSON. */
export const recordsText = (datasetId: string, records: readonly DatasetRecord[]): string =>
  pythonJson(records.map((record) => recordJson(datasetId, record)));

const recordJson = (datasetId: string, record: DatasetRecord): JsonValue => {
  const fields: [string, JsonValue | undefined][] = [
    ['dataset_record_id', record.recordId],
    ['dataset_id', datasetId],
    ['inputs', record.inputs],
    ['expectations', record.expectations],
    ['tags', record.tags],
    ['source', record.source],
    ['source_id', record.sourceId],
    ['source_type', record.sourceType],
    ['created_time', new JsonNumber(String(record.createdMs))],
    ['last_update_time', new JsonNumber(String(record.updatedMs))],
    ['created_by', record.createdBy],
    ['last_updated_by', record.updatedBy],
    ['outputs', record.outputs],
  ];
  return new Map(fields.filter((field): field is [string, JsonValue] => field[1] !== undefined));
};
