import type { ImportedFiles, ImportedMetric, ImportLoggedModel, ImportRun } from '#contracts';
import { loggedModelLocation, runLocation } from '../artifact-locations.js';
import type { Experiments } from '../experiments.js';
import type { LoggedModels } from '../logged-models.js';
import type { RunData } from '../runs.js';
import type { Transactions } from '../transactions.js';
import type { Imports } from './imports.js';

/** Runs and logged models of another server, each in one transaction; what is here already, and has ended, is left as it is. */
export class ImportTracking {
  constructor(
    private readonly transactions: Transactions,
    private readonly imports: Imports,
    private readonly experiments: Experiments,
    private readonly data: RunData,
    private readonly loggedModels: LoggedModels,
  ) {}

  /** @throws PlatformError NOT_FOUND for the experiment, CONFLICT for another run of this id. */
  run(id: string, run: ImportRun): Promise<ImportedFiles> {
    return this.transactions.run(async () => {
      const { artifactLocation } = await this.experiments.get(run.experimentId);
      const artifactUri = runLocation(artifactLocation, id);
      if (await this.imports.run(id, run, artifactUri))
        await this.imports.withActiveRun(id, async () => {
          await this.data.log(id, { params: run.params, metrics: [], tags: run.tags });
          if (run.datasetInputs.length > 0 || run.modelInputs.length > 0)
            await this.data.logInputs(id, run.datasetInputs, run.modelInputs);
          if (run.modelOutputs.length > 0) await this.data.logOutputs(id, run.modelOutputs);
        });
      await this.imports.setRunLifecycle(id, run.lifecycle);
      return { artifactUri };
    });
  }

  /** @throws PlatformError NOT_FOUND. */
  metrics(id: string, metrics: ImportedMetric[]): Promise<void> {
    return this.transactions.run(() =>
      this.imports.withActiveRun(id, () =>
        this.data.log(id, {
          params: [],
          tags: [],
          metrics: metrics.map(({ timestamp, ...metric }) => ({ ...metric, timestampMs: timestamp })),
        }),
      ),
    );
  }

  /** @throws PlatformError NOT_FOUND for the experiment, CONFLICT for another logged model of this id. */
  loggedModel(id: string, model: ImportLoggedModel): Promise<ImportedFiles> {
    return this.transactions.run(async () => {
      const { artifactLocation } = await this.experiments.get(model.experimentId);
      const artifactUri = loggedModelLocation(artifactLocation, id);
      if (!(await this.imports.loggedModel(id, model, artifactUri))) {
        await this.imports.finishLoggedModel(id, model);
        return { artifactUri };
      }
      if (model.params.length > 0) await this.loggedModels.logParams(id, model.params);
      if (model.tags.length > 0) await this.loggedModels.setTags(id, model.tags);
      await this.imports.stampLoggedModel(id, model);
      return { artifactUri };
    });
  }
}
