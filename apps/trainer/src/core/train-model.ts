import { crashPoint } from '#runtime';
import type { DataSources } from './data-sources.js';
import { Interruption } from './interruption.js';
import type { Job } from './job.js';
import { keepResult, startOf } from './keep-result.js';
import type { LeaseGuard } from './lease-guard.js';
import type { ProgressReports } from './progress.js';
import type { RecipeCatalogue } from './recipe-catalogue.js';
import type { RecipeProgress, RecipeResult, RecipeRunner, WorkFolder } from './recipe-runner.js';
import type { Run, Tracking } from './tracking.js';
import { planOf, shownParams, type TrainingPlan } from './training-plan.js';

/**
 * Takes a leased job from where its checkpoint stands to a registered version. Each step may be repeated: the run and
 * the version carry the request id, metrics their time, and a model that is uploaded is not trained again.
 */
export class TrainModel {
  constructor(
    private readonly tracking: Tracking,
    private readonly data: DataSources,
    private readonly catalogue: RecipeCatalogue,
    private readonly recipes: RecipeRunner,
    private readonly progress: ProgressReports,
    private readonly options: { trackingUri: string; crashAt?: string },
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
    const plan = planOf(job.request, this.catalogue);
    const params = shownParams(plan);
    await this.tracking.logParams(run.runId, params);
    const folder = await this.recipes.workFolder(job.requestId);
    try {
      const result = await this.runRecipe(job, run, { plan, folder, say }, lease);
      this.crash('after-training');
      const check = (): void => {
        lease.check();
      };
      const done = await keepResult(this.tracking, { job, run, plan, params, result }, check);
      this.crash('before-model-recorded');
      await lease.record(done);
    } finally {
      await folder.remove();
    }
  }

  private async runRecipe(
    { request, attempt }: Job,
    run: Run,
    { plan, folder, say }: { plan: TrainingPlan; folder: WorkFolder; say: (progress: RecipeProgress) => void },
    lease: LeaseGuard,
  ): Promise<RecipeResult> {
    const { recipe: declaration, dataset, ...rest } = plan;
    if (dataset !== undefined) say({ message: 'Fetching the data set.' });
    const data = dataset && (await this.data.fetch(dataset.uri, folder.path, lease.signal));
    const { trackingUri } = this.options;
    const { model, experiment = model } = request;
    const environment = { trackingUri, model, experiment, runId: run.runId, attempt };
    try {
      return await this.recipes.run({ ...rest, ...dataset, declaration, data, environment }, folder, say, lease.signal);
    } finally {
      await this.keepLog(run, folder.logPath);
    }
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
    return ({ step, of, message, log }) => {
      this.progress.say({
        requestId: job.requestId,
        model: job.request.model,
        state: 'running',
        attempt: job.attempt,
        runId: run.runId,
        step,
        of,
        message,
        ...(log !== undefined && { log }),
      });
    };
  }

  private crash(point: string): void {
    crashPoint(point, this.options.crashAt);
  }
}
