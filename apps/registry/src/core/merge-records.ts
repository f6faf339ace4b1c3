import { createHash, randomUUID } from 'node:crypto';
import {
  mergedRecord,
  newRecord,
  schemaWith,
  userOf,
  type DatasetRecord,
  type GivenRecord,
} from './dataset-records.js';
import type { EvaluationDatasets } from './evaluation-datasets.js';
import { pythonJson, type JsonObject } from './python-json.js';
import { readPythonJson } from './read-python-json.js';

/** Adds records to a dataset; those whose inputs are there already are merged into what is there. */
export class MergeRecords {
  constructor(private readonly datasets: EvaluationDatasets) {}

  /** @throws PlatformError NOT_FOUND. */
  async execute(datasetId: string, given: readonly GivenRecord[]): Promise<{ inserted: number; updated: number }> {
    const counts = { inserted: 0, updated: 0 };
    const hashes = given.map(({ inputHash }) => inputHash);
    await this.datasets.changeRecords(datasetId, hashes, (dataset, known, nowMs) => {
      const made = new Map<string, DatasetRecord>();
      const changed = new Map<string, DatasetRecord>();
      Object.assign(counts, { inserted: 0, updated: 0 });
      for (const record of given) {
        const hash = record.inputHash;
        const place = made.has(hash) ? made : changed;
        const present = made.get(hash) ?? changed.get(hash) ?? known.get(hash);
        if (present === undefined) {
          made.set(hash, newRecord(record, `dr-${randomUUID().replaceAll('-', '')}`, nowMs));
          counts.inserted++;
        } else {
          place.set(hash, mergedRecord(present, record, nowMs));
          counts.updated++;
        }
      }
      const before = dataset.schema === null ? undefined : (readPythonJson(dataset.schema, 'schema') as JsonObject);
      const users = given.map(({ tags }) => userOf(tags)).filter((user) => user !== undefined);
      return {
        inserted: [...made.values()],
        updated: [...changed.values()],
        dataset: {
          digest: datasetDigest(dataset.name, nowMs),
          schema: given.length === 0 ? dataset.schema : pythonJson(schemaWith(before, given)),
          updatedBy: users.at(-1) ?? null,
        },
      };
    });
    return counts;
  }
}

/** Changes whenever the dataset does. */
export const datasetDigest = (name: string, updatedMs: number): string =>
  createHash('sha256')
    .update(`${name}:${String(updatedMs)}`)
    .digest('hex')
    .slice(0, 8);
