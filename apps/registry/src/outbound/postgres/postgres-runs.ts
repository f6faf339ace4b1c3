import { PlatformError, type Clock } from '#runtime';
import type { Lifecycle } from '../../core/experiments.js';
import type { Int64 } from '../../core/int64.js';
import type { Page } from '../../core/paging.js';
import {
  RUN_NAME_TAG,
  Runs,
  type NewRun,
  type Run,
  type RunInfo,
  type RunQuery,
  type RunStatus,
} from '../../core/runs.js';
import { isDuplicate } from './database-errors.js';
import type { RegistryDatabase } from './registry-database.js';
import { createRun } from './run-creation.js';
import { RunEntity, RunTagEntity } from './run.entity.js';
import { loadRuns } from './load-runs.js';
import { infoOf, mustBeActive } from './run-rows.js';
import { searchRuns } from './run-search.js';

export class PostgresRuns extends Runs {
  constructor(
    private readonly database: RegistryDatabase,
    private readonly clock: Clock,
  ) {
    super();
  }

  async create(run: NewRun): Promise<Run> {
    if (run.requestId === undefined) return createRun(this.database, run);
    const known = await this.resume(run.requestId);
    if (known !== undefined) return known;
    try {
      return await createRun(this.database, run);
    } catch (error) {
      // A twin of the same request was faster: its run is ours.
      const twin = isDuplicate(error) ? await this.resume(run.requestId) : undefined;
      if (twin === undefined) throw error;
      return twin;
    }
  }

  async get(runId: string): Promise<Run> {
    const [run] = await loadRuns(this.database, [runId]);
    if ((run as Run | undefined) === undefined) throw new PlatformError('NOT_FOUND', `Run with id=${runId} not found`);
    return run;
  }

  async search(query: RunQuery): Promise<Page<Run>> {
    const page = await searchRuns(this.database, query);
    const ids = page.items.map(({ id }) => id);
    return { ...page, items: await loadRuns(this.database, ids) };
  }

  update(runId: string, change: { status?: RunStatus; endMs?: Int64; runName?: string }): Promise<RunInfo> {
    return this.database.transaction(async () => {
      await mustBeActive(this.database, runId);
      const runs = this.database.repository(RunEntity);
      if (Object.values<unknown>(change).some((value) => value !== undefined)) await runs.update({ runId }, change);
      if (change.runName !== undefined) await this.setName(runId, change.runName);
      return infoOf(await runs.findOneByOrFail({ runId }));
    });
  }

  async setLifecycle(runId: string, lifecycle: Lifecycle): Promise<void> {
    await this.get(runId);
    await this.database.guarded(() => this.database.repository(RunEntity).update({ runId }, { lifecycle }));
  }

  /** The run of a request that was begun before (a second attempt): RUNNING again, open-ended. */
  private async resume(requestId: string): Promise<Run | undefined> {
    const found = await this.database.guarded(() => this.database.repository(RunEntity).findOneBy({ requestId }));
    if (found === null) return undefined;
    await this.database.guarded(() =>
      this.database
        .repository(RunEntity)
        .update({ requestId }, { status: 'RUNNING', endMs: null, startMs: this.clock.now() }),
    );
    return this.get(found.runId);
  }

  private async setName(runId: string, value: string): Promise<void> {
    await this.database.repository(RunTagEntity).upsert({ runId, key: RUN_NAME_TAG, value }, ['runId', 'key']);
  }
}
