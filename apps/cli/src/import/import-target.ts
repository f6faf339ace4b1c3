import type {
  ImportedExperiment,
  ImportedFiles,
  ImportedMetric,
  ImportedVersion,
  ImportExperiment,
  ImportLoggedModel,
  ImportModel,
  ImportRun,
  ImportVersion,
} from '#contracts';
import { Readable } from 'node:stream';
import { CliError } from '../cli-error.js';
import { longRequest } from '../long-request.js';
import { RegistryClient, RegistryRefusal, unreachable } from '../registry.client.js';
import { encodedPath, filesOf, proxiedPath, ProxiedTree, type ArtifactTree } from './artifact-trees.js';
import { MlflowRefusal, type MlflowClient } from './mlflow.client.js';
import { MlflowFault } from './source-body.js';
import type { Tally } from './tally.js';

/** Freezing a large model takes its time. */
const PATIENCE_MS = 600_000;
const FETCH_MS = 300_000;
const name = encodeURIComponent;

/** Our registry as the place that is imported into. */
export class ImportTarget {
  private readonly registry: RegistryClient;
  private readonly patient: RegistryClient;
  /** Places here of what could not be had: files, or folders that could not be listed. */
  private readonly missing = new Set<string>();

  constructor(
    /** The same registry by MLflow's API. */
    readonly mlflow: MlflowClient,
    private readonly tally: Tally,
  ) {
    this.registry = new RegistryClient(mlflow.url, FETCH_MS);
    this.patient = new RegistryClient(mlflow.url, PATIENCE_MS);
  }

  async experiment(id: string, body: ImportExperiment): Promise<ImportedExperiment> {
    return (await this.registry.put(`/import/experiments/${name(id)}`, body)) as ImportedExperiment;
  }

  async run(id: string, body: ImportRun): Promise<ImportedFiles> {
    return (await this.registry.put(`/import/runs/${name(id)}`, body)) as ImportedFiles;
  }

  async metrics(runId: string, metrics: (Omit<ImportedMetric, 'value'> & { value: number | string })[]): Promise<void> {
    await this.registry.post(`/import/runs/${name(runId)}/metrics`, { metrics });
  }

  async loggedModel(id: string, body: ImportLoggedModel): Promise<ImportedFiles> {
    return (await this.registry.put(`/import/logged-models/${name(id)}`, body)) as ImportedFiles;
  }

  async model(model: string, body: ImportModel): Promise<void> {
    await this.registry.put(`/import/models/${name(model)}`, body);
  }

  async version(model: string, version: string, body: ImportVersion): Promise<ImportedVersion> {
    return (await this.patient.put(`/import/models/${name(model)}/versions/${version}`, body)) as ImportedVersion;
  }

  async promote(model: string, version: number): Promise<void> {
    const reason = 'in stage Production where it was imported from';
    await this.patient.post(`/models/${name(model)}/promotions`, { version, reason });
  }

  /** False when something that lies there, or that it lies in, could not be copied. */
  isWhole(uri: string): boolean {
    return ![...this.missing].some((one) => isWithin(one, uri) || isWithin(uri, one));
  }

  /** Copies what is not there in the same size already; what can not be had is noted, and its place is not whole. */
  async copyFiles(what: string, from: ArtifactTree, uri: string): Promise<void> {
    const root = proxiedPath(uri);
    if (root === undefined) throw new CliError(`The registry keeps files of ${what} at ${uri}, which is not its own.`);
    const files = await this.tried(what, () => filesOf(from));
    if (files === undefined) this.missing.add(uri);
    if (files === undefined || files.length === 0) return;
    const here = new Map(
      (await filesOf(new ProxiedTree(this.mlflow, root))).map((file) => [file.path, file.sizeBytes]),
    );
    for (const { path, sizeBytes } of files) {
      if (here.get(path) === sizeBytes) continue;
      const copy = async (): Promise<true> => {
        await this.put(`${root}/${path}`, await from.open(path));
        this.tally.add('files');
        this.tally.add('bytes', sizeBytes);
        return true;
      };
      const copied = await this.tried(`${what}, file ${path}`, copy, true);
      if (copied === undefined) this.missing.add(`${uri}/${path}`);
    }
  }

  /**
   * What the source refuses (a location that the server can not open) is a problem of that item alone; `alsoFaults`: as
   * is that it does not answer, or breaks off.
   */
  async tried<T>(what: string, work: () => Promise<T>, alsoFaults = false): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      const refused = error instanceof MlflowRefusal || (error instanceof RegistryRefusal && error.status < 500);
      if (!refused && !(alsoFaults && error instanceof MlflowFault)) throw error;
      this.tally.problem(what, error.message);
      return undefined;
    }
  }

  /** As a stream, from one server to the other. */
  private async put(path: string, source: Response): Promise<void> {
    const url = `${this.mlflow.url}/api/2.0/mlflow-artifacts/artifacts/${encodedPath(path)}`;
    let fault: unknown;
    const pieces = async function* (): AsyncGenerator<Uint8Array> {
      try {
        if (source.body !== null) yield* source.body;
      } catch (error) {
        fault = error;
        throw error;
      }
    };
    const headers = { 'content-type': 'application/octet-stream' };
    let answer: Awaited<ReturnType<typeof longRequest>>;
    try {
      const body = Readable.from(pieces(), { objectMode: false });
      answer = await longRequest(url, { method: 'PUT', headers, body, idleMs: PATIENCE_MS });
    } catch (error) {
      // Whose fault it was: that the upload was cut follows from the source's.
      throw fault instanceof Error ? fault : unreachable(this.mlflow.url, error);
    }
    const { status, text } = answer;
    if (status < 200 || status > 299) throw new RegistryRefusal(status, `${path} was not taken: ${text.slice(0, 300)}`);
  }
}

const isWithin = (place: string, root: string): boolean => place === root || place.startsWith(`${root}/`);
