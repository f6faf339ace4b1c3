import { crashPoint } from '#runtime';
import type { Attempt } from './attempts.js';
import type { DataSources, FetchedData } from './data-sources.js';
import { fingerprintOf } from './fingerprint.js';
import { Interruption } from './interruption.js';
import type { Job } from './job.js';
import type { Jobs } from './jobs.js';
import { brokenModel, keepResult, startOf } from './keep-result.js';
import type { LeaseGuard } from './lease-guard.js';
import type { ProgressReports } from './progress.js';
import type { RecipeProgress, RecipeResult, RecipeRunner, WorkFolder } from './recipe-runner.js';
import type { ResolveRequest } from './resolve-request.js';
import type { ResolvedRequest } from './resolved-request.js';
import type { Run, Tracking } from './tracking.js';
import { shownParams, type TrainingPlan } from './training-plan.js';

/** How long the log of a recipe may take on its way; of one that was cancelled nobody waits for it. */
const LOG_MS = 60_000;
const LAST_LOG_MS = 3_000;

/** One lease in the hands of `TrainModel`. */
interface Work {
  job: Job;
  request: ResolvedRequest;
  lease: LeaseGuard;
  attempt: Attempt;
}

/**
 * Takes a leased job from where its checkpoint stands to a registered version. Each step may be repeated: the run and
 * the version carry the request id, metrics their time, and a model that is uploaded is not trained again.
 */
export class TrainModel {
  constructor(
    private readonly resolve: ResolveRequest,
    private readonly jobs: Jobs,
    private readonly data: DataSources,
    private readonly recipes: RecipeRunner,
    private readonly progress: ProgressReports,
    private readonly options: { trackingUri: string; crashAt?: string },
  ) {}

  /** `begin` is asked once, before the first effect. `unchanged`: nothing was done, and nothing has to be. */
  async execute(job: Job, lease: LeaseGuard, begin: () => Promise<Attempt>): Promise<'trained' | 'unchanged'> {
    const request = await this.resolve.execute(job, lease);
    if (lease.checkpoint.metrics !== undefined) {
      lease.check();
      const work = { job, request, lease, attempt: await begin() };
      await this.finish(work, await this.beginRun(work));
      return 'trained';
    }
    await lease.makeRoom(this.resolve.memoryOf(request) ?? 0);
    const folder = await this.recipes.workFolder(job.requestId);
    try {
      const data = await this.dataOfChanges(job, request, lease, folder);
      if (data === 'unchanged') return data;
      lease.check();
      const work = { job, request, lease, attempt: await begin() };
      const run = await this.beginRun(work);
      await this.trainAndUpload(work, run, folder, data);
      await this.finish(work, run);
      return 'trained';
    } finally {
      await folder.remove();
    }
  }

  /** Where only a change is trained, the data come first: a night without one leaves no run behind. */
  private async dataOfChanges(
    { request: { model } }: Job,
    request: ResolvedRequest,
    { checkpoint, signal }: LeaseGuard,
    folder: WorkFolder,
  ): Promise<FetchedData | 'unchanged' | undefined> {
    if (request.onlyIfChanged !== true || checkpoint.runId !== undefined) return undefined;
    const plan = this.resolve.plan(request);
    // What a recipe reads by itself may have changed.
    if (plan.dataset === undefined) return undefined;
    const data = await this.data.fetch(plan.dataset.uri, folder.path, signal);
    const last = await this.jobs.lastFingerprint(model);
    return fingerprintOf(plan, request.register, data.sha256) === last ? 'unchanged' : data;
  }

  private async finish(work: Work, run: Run): Promise<void> {
    const { request, lease, attempt } = work;
    this.crash('after-model-uploaded');
    if (request.register && lease.checkpoint.version === undefined) await this.register(work, run);
    this.crash('after-version-registered');
    if (!lease.isHeld) throw new Interruption('lease-lost');
    await attempt.tracking.endRun(run.runId, 'FINISHED');
  }

  private async beginRun({ job, request, lease, attempt }: Work): Promise<Run> {
    const { requestId } = job;
    lease.check();
    const run = await attempt.tracking.beginRun({
      requestId,
      experiment: request.experiment ?? request.model,
      name: `${request.recipe}-${requestId.slice(0, 8)}`,
      startTime: startOf(job),
      tags: {
        ...request.tags,
        'baton.model': request.model,
        'baton.recipe': request.recipe,
        ...(request.preset !== undefined && { 'baton.preset': request.preset }),
        ...(request.gitCommit !== undefined && { 'mlflow.source.git.commit': request.gitCommit }),
      },
    });
    this.crash('after-run-created');
    if (lease.checkpoint.runId === undefined) await lease.record({ runId: run.runId });
    return run;
  }

  private async trainAndUpload(work: Work, run: Run, folder: WorkFolder, fetched?: FetchedData): Promise<void> {
    const { job, request, lease, attempt } = work;
    // A registry that hangs must not keep a training from being cancelled, nor a trainer from ending.
    const tracking = attempt.during(lease.signal);
    const plan = this.resolve.plan(request);
    // A recipe may say nothing for hours: that it runs is told by us.
    this.reporter(job, run)({ message: 'Begun.' });
    const params = shownParams(plan);
    await tracking.logParams(run.runId, params);
    const data = fetched ?? (await this.fetched(work, run, plan, folder));
    const result = await this.runRecipe(work, run, { plan, folder, data });
    this.crash('after-training');
    const done = await keepResult(
      tracking,
      { job, run, plan, data, params, result },
      {
        check: () => {
          lease.check();
        },
        tryModel: async (logged) => {
          const model = await tracking.fetchModel(logged, folder.path);
          if (model !== undefined) await this.recipes.tryModel(model, plan.recipe, folder, lease.signal);
        },
      },
    );
    this.crash('before-model-recorded');
    const fingerprint = data && fingerprintOf(plan, request.register, data.sha256);
    await lease.record({ ...done, ...(fingerprint !== undefined && { fingerprint }) });
  }

  private async fetched({ job, lease }: Work, run: Run, { dataset }: TrainingPlan, folder: WorkFolder) {
    if (dataset === undefined) return undefined;
    this.reporter(job, run)({ message: 'Fetching the data set.' });
    return this.data.fetch(dataset.uri, folder.path, lease.signal);
  }

  private async runRecipe(
    { job, request, lease, attempt }: Work,
    run: Run,
    { plan, folder, data }: { plan: TrainingPlan; folder: WorkFolder; data?: FetchedData },
  ): Promise<RecipeResult> {
    const { recipe: declaration, dataset, ...rest } = plan;
    const { trackingUri } = this.options;
    const { model, experiment = model } = request;
    const { token } = attempt;
    const environment = { trackingUri, token, model, experiment, runId: run.runId, attempt: job.attempt };
    const task = { ...rest, ...dataset, declaration, data, environment };
    try {
      return await this.recipes.run(task, folder, this.reporter(job, run), lease.signal);
    } finally {
      const patience = AbortSignal.timeout(lease.signal.aborted ? LAST_LOG_MS : LOG_MS);
      await keepLog(attempt.during(patience), run, folder.logPath);
    }
  }

  private async register({ job, request, lease, attempt }: Work, run: Run): Promise<void> {
    const { loggedModelId } = lease.checkpoint;
    if (loggedModelId === undefined) throw new Error('A job with metrics has no logged model.');
    lease.check();
    const { version, broken } = await attempt.tracking.registerVersion({
      requestId: job.requestId,
      model: request.model,
      loggedModelId,
      runId: run.runId,
      promote: request.promote,
    });
    this.crash('before-version-recorded');
    if (broken !== undefined) throw brokenModel(version, broken);
    await lease.record({ version });
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

/** The log explains failures, too; a registry that is down must not hide them. */
const keepLog = async (tracking: Tracking, run: Run, path: string): Promise<void> => {
  try {
    await tracking.uploadFile(run, 'train.log', path);
  } catch {
    /* the outcome is told without it */
  }
};
