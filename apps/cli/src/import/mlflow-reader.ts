import { MlflowRefusal, type MlflowClient } from './mlflow.client.js';
import type { WireExperiment, WireLoggedModel, WireMetric, WireModel, WireRun, WireVersion } from './mlflow-shapes.js';

const HISTORY_PAGE = 25_000;
const IS_PROMPT = "tag.`mlflow.prompt.is_prompt` = 'true'";

/** Everything that a server holds, read page by page; the source and our own registry are read by the same code. */
export class MlflowReader {
  constructor(readonly client: MlflowClient) {}

  /** The deleted ones, too. */
  experiments(): Promise<WireExperiment[]> {
    return this.all((page_token) =>
      this.client
        .post<{ experiments?: WireExperiment[]; next_page_token?: string }>('experiments/search', {
          max_results: 1000,
          view_type: 'ALL',
          order_by: ['experiment_id ASC'],
          page_token,
        })
        .then(({ experiments, next_page_token }) => [experiments, next_page_token]),
    );
  }

  /** The ids of the runs of an experiment, the deleted ones, too, page by page. */
  async *runIds(experimentId: string): AsyncGenerator<string[]> {
    let token: string | undefined;
    do {
      const page: { runs?: WireRun[]; next_page_token?: string } = await this.client.post('runs/search', {
        experiment_ids: [experimentId],
        run_view_type: 'ALL',
        max_results: 500,
        page_token: token,
      });
      yield (page.runs ?? []).map(({ info }) => info.run_id);
      token = page.next_page_token;
    } while (token);
  }

  async run(runId: string): Promise<WireRun> {
    return (await this.client.get<{ run: WireRun }>('runs/get', { run_id: runId })).run;
  }

  /** The history of one metric, page by page, so that a million points are never held at once. */
  async *history(runId: string, key: string): AsyncGenerator<WireMetric[]> {
    let token: string | undefined;
    do {
      const page: { metrics?: WireMetric[]; next_page_token?: string } = await this.client.get('metrics/get-history', {
        run_id: runId,
        metric_key: key,
        max_results: HISTORY_PAGE,
        page_token: token,
      });
      yield page.metrics ?? [];
      token = page.next_page_token;
    } while (token);
  }

  /** Servers before 3.0 have none. */
  async loggedModels(experimentId: string): Promise<WireLoggedModel[]> {
    try {
      return await this.all((page_token) =>
        this.client
          .post<{ models?: WireLoggedModel[]; next_page_token?: string }>('logged-models/search', {
            experiment_ids: [experimentId],
            max_results: 50,
            page_token,
          })
          .then(({ models, next_page_token }) => [models, next_page_token]),
      );
    } catch (error) {
      if (error instanceof MlflowRefusal && error.isMissing) return [];
      throw error;
    }
  }

  async loggedModel(modelId: string): Promise<WireLoggedModel> {
    return (await this.client.get<{ model: WireLoggedModel }>(`logged-models/${encodeURIComponent(modelId)}`)).model;
  }

  /** Prompts, too: they lie among the models, and are left out of a search unless it asks for them. */
  async models(): Promise<WireModel[]> {
    const [models, prompts] = await Promise.all([undefined, IS_PROMPT].map((filter) => this.searchModels(filter)));
    const names = new Set([...models, ...prompts].map(({ name }) => name));
    const found: WireModel[] = [];
    for (const name of [...names].sort()) found.push(await this.model(name));
    return found;
  }

  /** With its aliases, which searches leave out. */
  async model(name: string): Promise<WireModel> {
    return (await this.client.get<{ registered_model: WireModel }>('registered-models/get', { name })).registered_model;
  }

  async versions(name: string): Promise<WireVersion[]> {
    // No filter can quote both kinds of quotes: a wildcard stands for one, and what it finds too much is left out.
    const named = name.includes("'") ? `name LIKE '${name.replaceAll("'", '_')}'` : `name = '${name}'`;
    const [plain, prompts] = await Promise.all(
      [named, `${named} AND ${IS_PROMPT}`].map((filter) =>
        this.all((page_token) =>
          this.client
            .get<{ model_versions?: WireVersion[]; next_page_token?: string }>('model-versions/search', {
              filter,
              max_results: 1000,
              page_token,
            })
            .then(({ model_versions, next_page_token }) => [model_versions, next_page_token]),
        ),
      ),
    );
    const own = [...plain, ...prompts].filter((version) => version.name === name);
    const byNumber = new Map(own.map((version) => [Number(version.version), version]));
    return [...byNumber.entries()].sort(([one], [other]) => one - other).map(([, version]) => version);
  }

  async downloadUri(name: string, version: string): Promise<string> {
    const { artifact_uri = '' } = await this.client.get<{ artifact_uri?: string }>('model-versions/get-download-uri', {
      name,
      version,
    });
    return artifact_uri;
  }

  private searchModels(filter: string | undefined): Promise<WireModel[]> {
    return this.all((page_token) =>
      this.client
        .get<{ registered_models?: WireModel[]; next_page_token?: string }>('registered-models/search', {
          filter,
          max_results: 1000,
          page_token,
        })
        .then(({ registered_models, next_page_token }) => [registered_models, next_page_token]),
    );
  }

  private async all<T>(read: (token?: string) => Promise<[T[] | undefined, string | undefined]>): Promise<T[]> {
    const found: T[] = [];
    let token: string | undefined;
    do {
      const [items, next] = await read(token);
      found.push(...(items ?? []));
      token = next;
    } while (token);
    return found;
  }
}
