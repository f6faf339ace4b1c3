import { Inject } from '@nestjs/common';
import { z } from 'zod';
import { PlatformError } from '#runtime';
import { runs } from '../../core/search/grammars.js';
import { parseOrderBy } from '../../core/search/order-by.js';
import { runNameOf } from '../../core/run-names.js';
import { REQUEST_TAG, RUN_NAME_TAG, Runs, withRequestTag } from '../../core/runs.js';
import { PageTokens } from '../../core/search/page-tokens.js';
import { parseFilter } from '../../core/search/parse-filter.js';
import { requestIdFor, type Attempt } from '../../core/training-attempts.js';
import { refusalOfNewRun } from '../../core/tracking-limits.js';
import { FromAttempt } from '../guard-attempts.js';
import { Endpoint, MlflowController } from './endpoint.js';
import { atMost, int64, list, looseTags, maxResults, required, runStatus, text, viewType } from './fields.js';
import { Message } from './message.js';
import { MlflowOnlyError } from './mlflow-errors.js';
import { runIdOf, runReference } from './run-reference.js';
import { newRunShape, runInfoShape, runShape } from './shapes.js';

const creation = z.object({
  experiment_id: text.default('0'),
  user_id: text.default(''),
  run_name: text.optional(),
  start_time: int64.default(0),
  tags: looseTags,
});
const update = runReference.extend({
  status: runStatus,
  end_time: int64.optional(),
  run_name: atMost(text, 250, 'run_name').optional(),
});
const byId = z.object({ run_id: required });
const search = z.object({
  experiment_ids: list(text),
  filter: text.optional(),
  run_view_type: viewType,
  max_results: maxResults(1000, 50_000),
  order_by: list(text),
  page_token: text.optional(),
});
@MlflowController()
export class RunsController {
  constructor(@Inject(Runs) private readonly runs: Runs) {}

  @Endpoint('POST', 'runs/create')
  async create(@Message(creation) given: z.infer<typeof creation>, @FromAttempt() attempt?: Attempt): Promise<object> {
    const { tags } = given;
    const requestId = tags.findLast(({ key }) => key === REQUEST_TAG)?.value;
    const tagged = tags.findLast(({ key }) => key === RUN_NAME_TAG)?.value;
    if (given.run_name && tagged && given.run_name !== tagged)
      throw new PlatformError(
        'REQUEST_INVALID',
        `Both 'run_name' argument and 'mlflow.runName' tag are specified, but with different values (run_name='${given.run_name}', mlflow.runName='${tagged}').`,
      );
    const refusal = refusalOfNewRun(given);
    // A fault that MLflow leaves to its database to find, hence another code.
    if (refusal !== undefined) throw new MlflowOnlyError(400, 'BAD_REQUEST', refusal);
    const run = await this.runs.create({
      experimentId: given.experiment_id,
      userId: given.user_id,
      runName: given.run_name || tagged || runNameOf(Math.random),
      startMs: given.start_time,
      // What a script begins on its own belongs to the request as well, but is not the run of the request.
      tags: withRequestTag(tags, requestIdFor(attempt, requestId)),
      requestId,
    });
    return { run: newRunShape(run) };
  }

  @Endpoint('GET', 'runs/get')
  async get(@Message(runReference) reference: z.infer<typeof runReference>): Promise<object> {
    return { run: runShape(await this.runs.get(runIdOf(reference))) };
  }

  @Endpoint('POST', 'runs/search')
  async search(@Message(search) query: z.infer<typeof search>): Promise<object> {
    const tokens = new PageTokens(query.experiment_ids, query.run_view_type, query.filter, query.order_by);
    const page = await this.runs.search({
      experimentIds: query.experiment_ids,
      view: query.run_view_type ?? 'ACTIVE_ONLY',
      filter: parseFilter(query.filter, runs),
      orderBy: parseOrderBy(query.order_by, runs),
      limit: query.max_results,
      ...tokens.read(query.page_token),
    });
    return { runs: page.items.map(runShape), next_page_token: tokens.write(page) };
  }

  @Endpoint('POST', 'runs/update')
  async update(@Message(update) given: z.infer<typeof update>): Promise<object> {
    const info = await this.runs.update(runIdOf(given), {
      status: given.status,
      endMs: given.end_time,
      runName: given.run_name || undefined,
    });
    return { run_info: runInfoShape(info) };
  }

  @Endpoint('POST', 'runs/delete')
  async delete(@Message(byId) { run_id }: z.infer<typeof byId>): Promise<void> {
    await this.runs.setLifecycle(run_id, 'deleted');
  }

  @Endpoint('POST', 'runs/restore')
  async restore(@Message(byId) { run_id }: z.infer<typeof byId>): Promise<void> {
    await this.runs.setLifecycle(run_id, 'active');
  }
}
