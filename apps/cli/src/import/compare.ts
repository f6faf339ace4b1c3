import { createHash } from 'node:crypto';
import {
  filesOf,
  type ListedFile,
  LoggedModelTree,
  proxiedPath,
  ProxiedTree,
  RunTree,
  type ArtifactTree,
} from './artifact-trees.js';
import { differencesOf, type Difference, type Facts } from './differences.js';
import { experimentFacts, loggedModelFacts, modelFacts, pointText, runFacts, versionFacts } from './facts.js';
import { WIDTH } from './import-runs.js';
import { MlflowRefusal } from './mlflow.client.js';
import type { MlflowReader } from './mlflow-reader.js';
import type { WireExperiment, WireLoggedModel, WireModel, WireRun } from './mlflow-shapes.js';
import { forEachAtMost } from './pool.js';

/** Reads what was imported from both sides by the same code, and tells in what they differ. */
export class Comparison {
  readonly differences: Difference[] = [];
  private mine: Promise<WireExperiment[]> | undefined;

  constructor(
    private readonly there: MlflowReader,
    private readonly here: MlflowReader,
    /** Experiments of the source by their ids, and what they are here. */
    private readonly experiments: ReadonlyMap<string, string>,
  ) {}

  async experiment(wire: WireExperiment): Promise<void> {
    const what = `experiment "${wire.name}" (${wire.experiment_id})`;
    const id = this.experiments.get(wire.experiment_id);
    this.mine ??= this.here.experiments();
    const mine = (await this.mine).find(({ experiment_id }) => experiment_id === id);
    this.note(what, experimentFacts(wire), mine && experimentFacts(mine));
    if (id === undefined) return;
    for await (const ids of this.there.runIds(wire.experiment_id))
      await forEachAtMost(WIDTH, ids, (runId) => this.run(runId, id));
    const models = new Map((await this.here.loggedModels(id)).map((model) => [model.info.model_id, model]));
    await forEachAtMost(WIDTH, await this.there.loggedModels(wire.experiment_id), async (model) => {
      const own = models.get(model.info.model_id);
      const what = `logged model ${model.info.model_id}`;
      const files = await this.files(what, treeOfModel(this.there, model), own && treeOfModel(this.here, own));
      this.note(what, loggedModelFacts(model, files.there), own && loggedModelFacts(own, files.here));
    });
  }

  async model(wire: WireModel): Promise<void> {
    const mine = await orMissing(() => this.here.model(wire.name));
    this.note(`model ${wire.name}`, modelFacts(wire), mine && modelFacts(mine));
    if (mine === undefined) return;
    const versions = new Map((await this.here.versions(wire.name)).map((version) => [version.version, version]));
    const there = await told(() => this.there.versions(wire.name));
    if (typeof there === 'string') {
      this.differences.push({ what: `model ${wire.name}`, field: 'versions', there, here: versions.size });
      return;
    }
    for (const version of there) {
      const own = versions.get(version.version);
      this.note(`version ${version.version} of ${wire.name}`, versionFacts(version), own && versionFacts(own));
    }
  }

  private async run(runId: string, experimentId: string): Promise<void> {
    const there = await this.there.run(runId);
    const here = await orMissing(() => this.here.run(runId));
    const what = `run ${runId}`;
    const files = await this.files(what, treeOfRun(this.there, there), here && treeOfRun(this.here, here));
    this.note(
      what,
      { ...(await factsOfRun(this.there, there, files.there)), experiment: experimentId },
      here && { ...(await factsOfRun(this.here, here, files.here)), experiment: here.info.experiment_id },
    );
  }

  /** Files that one side can not list differ as a whole: what is not known is not the same. */
  private async files(what: string, there: ArtifactTree, here: ArtifactTree | undefined) {
    const [ofThere, ofHere] = [await told(() => filesOf(there)), here ? await told(() => filesOf(here)) : []];
    if (Array.isArray(ofThere) && Array.isArray(ofHere)) return { there: ofThere, here: ofHere };
    const [one, other] = [ofThere, ofHere].map((each) => (Array.isArray(each) ? `${String(each.length)} files` : each));
    this.differences.push({ what, field: 'files', there: one, here: other });
    return { there: [], here: [] };
  }

  private note(what: string, there: Facts, here: Facts | undefined): void {
    this.differences.push(...differencesOf(what, there, here));
  }
}

/** Through the proxy where a side has one: it lists what lies there, and nothing that is shown beside it. */
const treeAt = (reader: MlflowReader, uri: string, otherwise: ArtifactTree): ArtifactTree => {
  const root = proxiedPath(uri);
  return root === undefined ? otherwise : new ProxiedTree(reader.client, root);
};

const treeOfRun = (reader: MlflowReader, { info: { run_id, artifact_uri = '' } }: WireRun): ArtifactTree =>
  treeAt(reader, artifact_uri, new RunTree(reader.client, run_id));

const treeOfModel = (reader: MlflowReader, { info: { model_id, artifact_uri = '' } }: WireLoggedModel): ArtifactTree =>
  treeAt(reader, artifact_uri, new LoggedModelTree(reader.client, model_id));

const factsOfRun = async (reader: MlflowReader, run: WireRun, files: ListedFile[]): Promise<Facts> => {
  const facts = runFacts(run, files);
  for (const { key } of run.data?.metrics ?? [])
    facts[`history of ${key}`] = await historyOf(reader, run.info.run_id, key);
  return facts;
};

/** A refusal as words for the list of differences. */
const told = async <T>(read: () => Promise<T[]>): Promise<T[] | string> => {
  try {
    return await read();
  } catch (error) {
    if (error instanceof MlflowRefusal) return `can not be listed: ${error.message}`;
    throw error;
  }
};

const orMissing = async <T>(read: () => Promise<T>): Promise<T | undefined> => {
  try {
    return await read();
  } catch (error) {
    if (error instanceof MlflowRefusal) return undefined;
    throw error;
  }
};

/** How many points, and a digest of them in whatever order they came. */
const historyOf = async (reader: MlflowReader, runId: string, key: string): Promise<string> => {
  const points: string[] = [];
  for await (const page of reader.history(runId, key)) points.push(...page.map(pointText));
  const digest = createHash('sha256').update(points.sort().join('\n')).digest('hex').slice(0, 16);
  return `${String(points.length)} points, ${digest}`;
};
