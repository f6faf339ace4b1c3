import { Inject } from '@nestjs/common';
import { z } from 'zod';
import { EvaluationDatasets } from '../../core/evaluation-datasets.js';
import { MergeRecords } from '../../core/merge-records.js';
import { cursorOf, cursorToken, recordList } from './dataset-fields.js';
import { recordsText } from './dataset-shapes.js';
import { Endpoint, MlflowController } from './endpoint.js';
import { int64, list, required, text } from './fields.js';
import { Message } from './message.js';

/** What a page holds unless another size is asked for; zero asks for none. */
const PAGE = 1000;

const byId = z.object({ dataset_id: required });
const merging = byId.extend({ records: recordList });
const reading = byId.extend({
  max_results: int64.pipe(z.int().min(0).max(50_000)).optional(),
  page_token: text.optional(),
});
const deleting = byId.extend({ dataset_record_ids: list(text) });

@MlflowController('3.0')
export class DatasetRecordsController {
  constructor(
    @Inject(EvaluationDatasets) private readonly datasets: EvaluationDatasets,
    @Inject(MergeRecords) private readonly merge: MergeRecords,
  ) {}

  @Endpoint('POST', 'datasets/:dataset_id/records')
  async upsert(@Message(merging) { dataset_id, records }: z.infer<typeof merging>): Promise<object> {
    const { inserted, updated } = await this.merge.execute(dataset_id, records);
    return { inserted_count: inserted, updated_count: updated };
  }

  @Endpoint('GET', 'datasets/:dataset_id/records')
  async read(@Message(reading) query: z.infer<typeof reading>): Promise<object> {
    const after = cursorOf(query.page_token);
    const { items, next } = await this.datasets.records(query.dataset_id, { limit: query.max_results || PAGE, after });
    return { records: recordsText(query.dataset_id, items), next_page_token: next && cursorToken(next) };
  }

  @Endpoint('DELETE', 'datasets/:dataset_id/records')
  async delete(@Message(deleting) { dataset_id, dataset_record_ids }: z.infer<typeof deleting>): Promise<object> {
    return { deleted_count: await this.datasets.deleteRecords(dataset_id, dataset_record_ids) };
  }
}
