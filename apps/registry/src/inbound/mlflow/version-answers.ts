import { Inject, Injectable } from '@nestjs/common';
import { PlatformError } from '#runtime';
import { LoggedModels, type LoggedModel } from '../../core/logged-models.js';
import type { ModelVersion } from '../../core/registered-models.js';
import { metricShape, modelVersionShape } from './shapes.js';

/** Answers about one version: with params and metrics of the logged model that it came from. */
@Injectable()
export class VersionAnswers {
  constructor(@Inject(LoggedModels) private readonly loggedModels: LoggedModels) {}

  async of(version: ModelVersion): Promise<object> {
    const origin = version.modelId === null ? undefined : await this.origin(version.modelId);
    return {
      model_version: {
        ...modelVersionShape(version),
        model_params: origin?.params.map(({ key, value }) => ({ name: key, value })),
        model_metrics: origin?.metrics.map((metric) => metricShape(metric, metric.runId)),
      },
    };
  }

  /** The logged model may be deleted by now, or another server's. */
  private async origin(modelId: string): Promise<LoggedModel | undefined> {
    try {
      return await this.loggedModels.get(modelId);
    } catch (error) {
      if (error instanceof PlatformError && error.code === 'NOT_FOUND') return undefined;
      throw error;
    }
  }
}
