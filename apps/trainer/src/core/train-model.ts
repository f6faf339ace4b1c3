import { crashPoint } from '#runtime';
import type { DataSources } from './data-sources.js';
import { Interruption } from './interruption.js';
import type { Job } from './job.js';
import type { LeaseGuard } from './lease-guard.js';
import type { ProgressReports } from './progress.js';
import type { RecipeProgress, RecipeResult, RecipeRunner } from './recipe-runner.js';
import type { Run, Tracking } from './tracking.js';
import { planOf, shownParams } from './training-plan.js';

/**
 * Takes a leased job from where its checkpoint stands to a registered version. Each step may be repeated: the run and
 * the version carry the request id, metrics their time, and a model that is uploaded is not trained again.
 */
export class TrainModel {
  constructor(
    private readonly tracking: Tracking,
    private readonly data: DataSources,
    private readonly recipes: RecipeRunner,
    private readonly progress: ProgressReports,
    private readonly options: { crashAt?: string },
  ) {}

  async execute(job: Job, lease: LeaseGuard): Promise<void> {
    const run = await this.beginRun(job, lease);
    if (lease.checkpoint.metrics === undefined) await this.trainAndUpload(job, run, lease);
    this.crash('after-model-uploaded');
    if (job.request.register && lease.checkpoint.version === undefined) await this.register(job, run, lease);
    this.crash('after-version-registered');
    if (!lease.isHeld) throw new Interruption('lease-lost');
    await this.tracking.endRun(run.runId, 'FINISHED');
  }

  private async beginRun(job: Job, lease: LeaseGuard): Promise<Run> {
    const { request, requestId } = job;
    lease.check();
    const run = await this.tracking.beginRun({
      requestId,
      experiment: request.experiment ?? request.model,
      name: `${request.recipe}-${requestId.slice(0, 8)}`,
      startTime: startOf(job),
      tags: { ...request.tags, 'baton.model': request.model, 'baton.recipe': request.recipe },
    });
    this.crash('after-run-created');
    if (lease.checkpoint.runId === undefined) await lease.record({ runId: run.runId });
    return run;
  }

  private async trainAndUpload(job: Job, run: Run, lease: LeaseGuard): Promise<void> {
    const say = this.reporter(job, run);
    const plan = planOf(job.request);
    const params = shownParams(plan);
    await this.tracking.logParams(run.runId, params);
    const folder = await this.recipes.workFolder(job.requestId);
    try {
      say({ message: 'Fetching the data set.' });
      const data = await this.data.fetch(plan.dataset.uri, folder.path, lease.signal);
      let result: RecipeResult;
      try {
        result = await this.recipes.run({ ...plan, ...plan.dataset, data }, folder, say, lease.signal);
      } finally {
        await this.keepLog(run, folder.logPath);
      }
      this.crash('after-training');
      await this.upload(job, run, { params, result }, lease);
    } finally {
      await folder.remove();
    }
  }

  private async upload(
    job: Job,
    run: Run,
    { params, result }: { params: Record<string, string>; result: RecipeResult },
    lease: LeaseGuard,
  ): Promise<void> {
    lease.check();
    const all = { ...params, ...result.facts };
    await this.tracking.logParams(run.runId, result.facts);
    const loggedModelId = await this.tracking.uploadModel({
      run,
      createdAt: startOf(job),
      params: all,
      files: result.files,
      signature: result.signature,
    });
    lease.check();
    await this.tracking.logMetrics(run.runId, result.metrics, startOf(job), loggedModelId);
    this.crash('before-model-recorded');
    await lease.record({ loggedModelId, metrics: result.metrics });
  }

  private async register(job: Job, run: Run, lease: LeaseGuard): Promise<void> {
    const { loggedModelId } = lease.checkpoint;
    if (loggedModelId === undefined) throw new Error('A job with metrics has no logged model.');
    lease.check();
    const version = await this.tracking.registerVersion({
      requestId: job.requestId,
      model: job.request.model,
      loggedModelId,
      runId: run.runId,
      promote: job.request.promote,
    });
    this.crash('before-version-recorded');
    await lease.record({ version });
  }

  /** The log explains failures, too; a registry that is down must not hide them. */
  private async keepLog(run: Run, path: string): Promise<void> {
    try {
      await this.tracking.uploadFile(run, 'train.log', path);
    } catch {
      /* the outcome is told without it */
    }
  }

  private reporter(job: Job, run: Run): (progress: RecipeProgress) => void {
    return ({ step, of, message }) => {
      this.progress.say({
        requestId: job.requestId,
        model: job.request.model,
        state: 'running',
        attempt: job.attempt,
        runId: run.runId,
        step,
        of,
        message,
      });
    };
  }

  private crash(point: string): void {
    crashPoint(point, this.options.crashAt);
  }
}

/** The same for every attempt, so that what is logged twice is logged once. */
const startOf = (job: Job): number => (job.startedAt ?? job.requestedAt).getTime();
