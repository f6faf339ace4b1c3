import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Pair {
  key: string;
  value: string;
}
export interface KeptRun {
  run_id: string;
  experiment_id: string;
  status: string;
  tags: Record<string, string>;
  params: Record<string, string>;
  /** `key/timestamp/value`: what is logged twice is there once. */
  metrics: Set<string>;
  models: string[];
  /** As they were logged. */
  inputs: object[];
}
export interface KeptVersion {
  name: string;
  version: string;
  source: string;
  run_id: string;
  tags: Record<string, string>;
}
type Body = Record<string, string> & {
  tags?: Pair[];
  params?: Pair[];
  metrics?: MetricIn[];
  models?: { model_id: string }[];
  datasets?: object[];
};
interface MetricIn {
  key: string;
  value: number;
  timestamp: number;
  step?: number;
}

class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
  ) {
    super(code);
  }
}

/**
 * A tracking server in memory, over real HTTP: the calls that the trainer makes, with the registry's promises about the tag
 * `baton.requestId`. For tests; everything it holds may be looked at.
 */
export class InMemoryMlflow {
  readonly experiments: string[] = ['Default'];
  readonly runs = new Map<string, KeptRun>();
  readonly models = new Map<string, { status: string }>();
  readonly files = new Map<string, Buffer>();
  readonly versions: KeptVersion[] = [];
  readonly registered = new Set<string>();
  readonly calls: string[] = [];
  /** By `model/name`; the current one of a model is kept by the bare name of the model, too. */
  readonly presets = new Map<string, object>();
  /** Fence and token of the newest attempt of each request. */
  readonly attempts = new Map<string, { fence: number; token: string }>();
  /** Calls that came with the token of an attempt that another had superseded. */
  readonly refused: string[] = [];
  /** What is wrong with the ONNX file of every version that is made while it is set. */
  brokenFile?: string;
  /** Answers every call with this status while it is set. */
  failWith?: number;
  private readonly server = createServer((request, response) => {
    void this.handle(request).then(([status, body]) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
  });

  /** Resolves to the URL. */
  async listen(port = 0): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(port, '127.0.0.1', resolve));
    return `http://127.0.0.1:${String((this.server.address() as AddressInfo).port)}`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async handle(request: IncomingMessage): Promise<[number, object]> {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const bytes = Buffer.concat(chunks);
    const url = new URL(request.url ?? '/', 'http://localhost');
    const path = decodeURIComponent(url.pathname);
    this.calls.push(`${request.method ?? ''} ${path}`);
    if (this.failWith !== undefined)
      return [this.failWith, { error_code: 'TEMPORARILY_UNAVAILABLE', message: 'later' }];
    try {
      this.checkAttempt(request, path);
      const artifact = /^\/api\/2\.0\/mlflow-artifacts\/artifacts\/(.+)$/.exec(path)?.[1];
      if (artifact !== undefined) {
        this.files.set(artifact, bytes);
        return [200, {}];
      }
      if (path.startsWith('/api/v1/')) return [200, this.own(path, bytes)];
      const call = path.replace('/api/2.0/mlflow/', '');
      const body = (bytes.length === 0 ? Object.fromEntries(url.searchParams) : JSON.parse(bytes.toString())) as Body;
      return [200, this.answer(call, body)];
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return [error.status, { error_code: error.code, message: `${error.code} in ${path}` }];
    }
  }

  private own(path: string, bytes: Buffer): object {
    const requestId = /^\/api\/v1\/training-requests\/(.+)\/attempts$/.exec(path)?.[1];
    if (requestId !== undefined)
      return this.begin(requestId, (JSON.parse(bytes.toString()) as { fence: number }).fence);
    const [, model, name] = /^\/api\/v1\/models\/([^/]+)\/(?:current-preset|presets\/(.+))$/.exec(path) ?? [];
    const preset = this.presets.get((name as string | undefined) === undefined ? model : `${model}/${name}`);
    if (preset === undefined) throw new Refusal(404, 'NOT_FOUND');
    return preset;
  }

  private begin(requestId: string, fence: number): object {
    const known = this.attempts.get(requestId);
    if (known !== undefined && known.fence > fence) throw new Refusal(403, 'PERMISSION_DENIED');
    const token = `attempt-${requestId}-${randomBytes(8).toString('hex')}`;
    this.attempts.set(requestId, { fence, token });
    return { token };
  }

  private checkAttempt({ method, headers }: IncomingMessage, path: string): void {
    const token = headers.authorization?.replace('Bearer ', '');
    if (token === undefined || method === 'GET') return;
    if ([...this.attempts.values()].some((attempt) => attempt.token === token)) return;
    this.refused.push(path);
    throw new Refusal(403, 'PERMISSION_DENIED');
  }

  private answer(call: string, body: Body): object {
    switch (call) {
      case 'experiments/get-by-name': {
        const id = this.experiments.indexOf(body.experiment_name);
        if (id < 0) throw new Refusal(404, 'RESOURCE_DOES_NOT_EXIST');
        return { experiment: { experiment_id: String(id) } };
      }
      case 'experiments/create':
        if (this.experiments.includes(body.name)) throw new Refusal(400, 'RESOURCE_ALREADY_EXISTS');
        return { experiment_id: String(this.experiments.push(body.name) - 1) };
      case 'runs/create':
        return this.createRun(body);
      case 'runs/update':
        this.run(body).status = body.status;
        return {};
      case 'runs/set-tag':
        this.run(body).tags[body.key] = body.value;
        return {};
      case 'runs/log-batch':
        this.logBatch(body);
        return {};
      case 'runs/log-inputs':
        this.run(body).inputs.push(...(body.datasets ?? []));
        return {};
      case 'runs/outputs':
        this.run(body).models.push(...(body.models ?? []).map(({ model_id }) => model_id));
        return {};
      case 'logged-models': {
        const id = `m-${randomBytes(16).toString('hex')}`;
        this.models.set(id, { status: 'LOGGED_MODEL_PENDING' });
        return {
          model: {
            info: { model_id: id, artifact_uri: `mlflow-artifacts:/${body.experiment_id}/models/${id}/artifacts` },
          },
        };
      }
      case 'registered-models/create':
        if (this.registered.has(body.name)) throw new Refusal(400, 'RESOURCE_ALREADY_EXISTS');
        this.registered.add(body.name);
        return {};
      case 'model-versions/create':
        return { model_version: this.toldOf(this.createVersion(body)) };
      default:
        return this.patchModel(call, body);
    }
  }

  private createRun(body: Body): object {
    const tags = object(body.tags);
    let run = [...this.runs.values()].find((each) => each.tags['baton.requestId'] === tags['baton.requestId']);
    if (run === undefined) {
      run = {
        run_id: randomBytes(16).toString('hex'),
        experiment_id: body.experiment_id,
        status: 'RUNNING',
        tags,
        params: {},
        metrics: new Set(),
        models: [],
        inputs: [],
      };
      this.runs.set(run.run_id, run);
    }
    run.status = 'RUNNING';
    const { run_id, experiment_id } = run;
    return {
      run: { info: { run_id, experiment_id, artifact_uri: `mlflow-artifacts:/${experiment_id}/${run_id}/artifacts` } },
    };
  }

  private logBatch(body: Body): void {
    const run = this.run(body);
    for (const { key, value } of body.params ?? []) {
      if (Object.hasOwn(run.params, key) && run.params[key] !== value)
        throw new Refusal(400, 'INVALID_PARAMETER_VALUE');
      run.params[key] = value;
    }
    for (const { key, value, timestamp } of body.metrics ?? [])
      run.metrics.add(`${key}/${String(timestamp)}/${String(value)}`);
  }

  private createVersion(body: Body): KeptVersion {
    const tags = object(body.tags);
    const known = this.versions.find((each) => each.tags['baton.requestId'] === tags['baton.requestId']);
    if (known !== undefined) return known;
    if (!this.registered.has(body.name)) throw new Refusal(404, 'RESOURCE_DOES_NOT_EXIST');
    const before = this.versions.filter(({ name }) => name === body.name).length;
    const version = { name: body.name, version: String(before + 1), source: body.source, run_id: body.run_id, tags };
    this.versions.push(version);
    return version;
  }

  private toldOf({ tags, ...version }: KeptVersion): object {
    const broken = this.brokenFile !== undefined && {
      'baton.servable': 'false',
      'baton.notServableReason': this.brokenFile,
      'baton.notServableCode': 'MODEL_FILE_INVALID',
    };
    return { ...version, tags: Object.entries({ ...tags, ...broken }).map(([key, value]) => ({ key, value })) };
  }

  private patchModel(call: string, body: Body): object {
    const model = this.models.get(/^logged-models\/(.+)$/.exec(call)?.[1] ?? '');
    if (model === undefined) throw new Refusal(404, 'ENDPOINT_NOT_FOUND');
    model.status = body.status;
    return {};
  }

  private run({ run_id: id }: Body): KeptRun {
    const run = this.runs.get(id);
    if (run === undefined) throw new Refusal(404, 'RESOURCE_DOES_NOT_EXIST');
    return run;
  }
}

const object = (pairs: Pair[] = []): Record<string, string> =>
  Object.fromEntries(pairs.map(({ key, value }) => [key, value]));
