import { ask, fetchBytes, putBytes } from './rest.js';

interface ModelVersion {
  name: string;
  version: string;
  current_stage?: string;
  status?: string;
}

/** The registry by MLflow's REST API, as any client in any language uses it. */
export class ModelStore {
  constructor(private readonly registryUrl: string) {}

  /** One file of a registered version, as a client would download it. */
  async file(model: string, version: number, file: string): Promise<Uint8Array> {
    const query = new URLSearchParams({ name: model, version: String(version) }).toString();
    const { artifact_uri } = (await ask('GET', this.api(`model-versions/get-download-uri?${query}`))) as {
      artifact_uri: string;
    };
    return fetchBytes(this.artifact(artifact_uri, file));
  }

  /** Logs a model and registers it as the next version, in the order in which MLflow's own client calls. */
  async register(model: string, files: Record<string, Uint8Array<ArrayBuffer> | string>): Promise<ModelVersion> {
    const experimentId = await this.experiment(model);
    const { run } = (await ask('POST', this.api('runs/create'), {
      experiment_id: experimentId,
      start_time: Date.now(),
      tags: [{ key: 'mlflow.runName', value: 'registered by hand' }],
    })) as { run: { info: { run_id: string } } };
    const runId = run.info.run_id;
    const { model: logged } = (await ask('POST', this.api('logged-models'), {
      experiment_id: experimentId,
      name: 'model',
      source_run_id: runId,
    })) as { model: { info: { model_id: string; artifact_uri: string } } };
    const { model_id, artifact_uri } = logged.info;
    await ask('POST', this.api('runs/outputs'), { run_id: runId, models: [{ model_id, step: 0 }] });
    for (const [name, bytes] of Object.entries(files)) await putBytes(this.artifact(artifact_uri, name), bytes);
    await ask('PATCH', this.api(`logged-models/${model_id}`), { model_id, status: 'LOGGED_MODEL_READY' });
    const created = (await ask('POST', this.api('model-versions/create'), {
      name: model,
      source: `models:/${model_id}`,
      model_id,
    })) as { model_version: ModelVersion };
    await ask('POST', this.api('runs/update'), { run_id: runId, status: 'FINISHED', end_time: Date.now() });
    return created.model_version;
  }

  private async experiment(name: string): Promise<string> {
    const query = new URLSearchParams({ experiment_name: name }).toString();
    const { experiment } = (await ask('GET', this.api(`experiments/get-by-name?${query}`))) as {
      experiment: { experiment_id: string };
    };
    return experiment.experiment_id;
  }

  private api(path: string): string {
    return `${this.registryUrl}/api/2.0/mlflow/${path}`;
  }

  /** `mlflow-artifacts:/1/models/m-…/artifacts` → the address of a file below it. */
  private artifact(uri: string, file: string): string {
    const root = uri.replace(/^mlflow-artifacts:\/+/, '');
    return `${this.registryUrl}/api/2.0/mlflow-artifacts/artifacts/${root}/${file}`;
  }
}
