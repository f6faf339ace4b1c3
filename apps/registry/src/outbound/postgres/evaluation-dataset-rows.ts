import type { DatasetRecord } from '../../core/dataset-records.js';
import { pythonJson, type JsonObject, type JsonValue } from '../../core/python-json.js';
import { readPythonJson } from '../../core/read-python-json.js';
import type { DatasetRecordEntity } from './evaluation-dataset.entity.js';

export const recordOf = (row: DatasetRecordEntity): DatasetRecord => ({
  recordId: row.recordId,
  inputHash: row.inputHash,
  inputs: readPythonJson(row.inputs, 'inputs'),
  outputs: json(row.outputs),
  expectations: json(row.expectations) as JsonObject | undefined,
  tags: readPythonJson(row.tags, 'tags') as JsonObject,
  source: json(row.source) as JsonObject | undefined,
  sourceId: row.sourceId ?? undefined,
  sourceType: row.sourceType ?? undefined,
  createdMs: row.createdMs,
  updatedMs: row.updatedMs,
  createdBy: row.createdBy ?? undefined,
  updatedBy: row.updatedBy ?? undefined,
});

export const rowOf = (datasetId: string, record: DatasetRecord): DatasetRecordEntity => ({
  datasetId,
  recordId: record.recordId,
  inputHash: record.inputHash,
  inputs: pythonJson(record.inputs),
  outputs: textOf(record.outputs),
  expectations: textOf(record.expectations),
  tags: pythonJson(record.tags),
  source: textOf(record.source),
  sourceId: record.sourceId ?? null,
  sourceType: record.sourceType ?? null,
  createdMs: record.createdMs,
  updatedMs: record.updatedMs,
  createdBy: record.createdBy ?? null,
  updatedBy: record.updatedBy ?? null,
});

const json = (text: string | null): JsonValue | undefined =>
  text === null ? undefined : readPythonJson(text, 'record');

const textOf = (value: JsonValue | undefined): string | null => (value === undefined ? null : pythonJson(value));
