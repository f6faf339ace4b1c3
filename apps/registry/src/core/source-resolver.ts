import { PlatformError } from '#runtime';
import { MODEL_VERSIONS_TAG, type LoggedModels } from './logged-models.js';
import { checkedModelName, checkedStage, isLatest } from './model-names.js';
import type { Tag } from './paging.js';
import { isPrompt } from './prompts.js';
import { pythonJson } from './python-json.js';
import type { Frozen, ModelVersion, ModelVersions, RegisteredModels } from './registered-models.js';
import type { Runs } from './runs.js';
import { liesWithin, notContained, parseSource, type Source } from './version-source.js';

/** What a request for a version says of where its files come from; an id that was sent empty was sent. */
export interface Provenance {
  name: string;
  source: string;
  runId?: string;
  modelId?: string;
  tags: Tag[];
}

/** Where the files of a source lie, and what is known of where they came from. */
export interface Place {
  /** The source as it is kept: `models:/Iris@best` names a version for good. */
  source: string;
  storageLocation: string;
  runId?: string;
  modelId?: string;
  /** Of a copy: what its original has, which may have been attached to it later. */
  frozen?: Frozen;
}

/** What clients of prompts send for the source that every version must have. */
const PROMPT_SOURCES = ['dummy-source', 'prompt-template'];

const invalid = (detail: string): PlatformError => new PlatformError('REQUEST_INVALID', detail);

/** Follows `models:/…` and `runs:/…` to the place where the files lie; MLflow resolves at creation, and so do we. */
export class SourceResolver {
  constructor(
    private readonly loggedModels: LoggedModels,
    private readonly models: RegisteredModels,
    private readonly versions: ModelVersions,
    private readonly runs: Runs,
  ) {}

  /**
   * A place of ours is taken only from the run or logged model that the request names as its owner.
   * @throws PlatformError REQUEST_INVALID (source), MODEL_NOT_FOUND, VERSION_NOT_FOUND (those named by the source too).
   */
  async resolve(wish: Provenance): Promise<Place & { prompt: boolean }> {
    const prompt = isPrompt(wish.tags);
    const place = prompt ? promptPlace(wish.source) : await this.placeOf(wish);
    const { tags } = await this.models.get(checkedModelName(wish.name));
    return { ...place, prompt: prompt || isPrompt(tags) };
  }

  /** Adds the version to the list that MLflow keeps in a tag of the logged model. */
  async noteVersion(modelId: string, name: string, version: number): Promise<void> {
    try {
      await this.loggedModels.changeTag(modelId, MODEL_VERSIONS_TAG, (noted) => {
        const list = listOf(noted);
        const known = list.some((entry) => entry.name === name && String(entry.version) === String(version));
        return pythonJson(known ? list : [...list, { name, version }]);
      });
    } catch (error) {
      // A client may name a logged model of another server; the version stands without the note.
      if (!isMissing(error)) throw error;
    }
  }

  private async placeOf(wish: Provenance): Promise<Place> {
    const { source, runId = '', modelId = '' } = wish;
    const parsed = parseSource(source, modelId === '' ? 'run_id' : 'model_id');
    switch (parsed.kind) {
      case 'version':
        return this.copyOf(parsed, wish);
      case 'logged-model':
        if (modelId !== parsed.modelId) throw notContained(source, 'model_id');
        return this.ofLoggedModel(source, modelId, runId);
      case 'run':
        if (modelId !== '' || runId !== parsed.runId)
          throw notContained(source, modelId === '' ? 'run_id' : 'model_id');
        return { source, runId, storageLocation: await this.inRun(source, parsed) };
      case 'location':
        return this.ofLocation(source, runId, modelId);
    }
  }

  private async copyOf(source: Source & { kind: 'version' }, wish: Provenance): Promise<Place> {
    const from = await this.versionOf(source, wish.source);
    const differs = (sent: string | undefined, own: string | null) => sent !== undefined && sent !== (own ?? '');
    if (differs(wish.runId, from.runId) || differs(wish.modelId, from.modelId))
      throw invalid(
        `Invalid model version source: '${wish.source}'. The run_id and model_id request parameters must match the referenced model version.`,
      );
    return {
      source: `models:/${from.name}/${String(from.version)}`,
      storageLocation: from.storageLocation,
      runId: from.runId ?? undefined,
      modelId: from.modelId ?? undefined,
      ...(from.frozen.servable && { frozen: from.frozen }),
    };
  }

  private async versionOf({ name, wanted }: Source & { kind: 'version' }, source: string): Promise<ModelVersion> {
    const { tags, latestVersions } = await this.models.get(checkedModelName(name));
    if (isPrompt(tags))
      throw invalid(
        `Invalid model version source: '${source}'. Prompt versions cannot be used as model version sources.`,
      );
    if (wanted !== 'latest' && 'version' in wanted) return this.versions.get(name, wanted.version);
    if (wanted !== 'latest' && 'alias' in wanted && !isLatest(wanted.alias)) {
      const version = await this.models.findAlias(name, wanted.alias);
      if (version === undefined) throw invalid(`Registered model alias ${wanted.alias} not found.`);
      return this.versions.get(name, version);
    }
    const stage = wanted !== 'latest' && 'stage' in wanted ? checkedStage(wanted.stage) : undefined;
    const [newest] = latestVersions
      .filter((version) => stage === undefined || version.stage === stage)
      .sort((one, other) => other.version - one.version);
    if ((newest as ModelVersion | undefined) !== undefined) return newest;
    const wish = stage === undefined ? '' : ` and stage '${stage}'`;
    throw invalid(`No versions of model with name '${name}'${wish} found`);
  }

  private async ofLoggedModel(source: string, modelId: string, runId: string): Promise<Place> {
    try {
      const { artifactUri, sourceRunId } = await this.loggedModels.get(modelId);
      return { source, storageLocation: artifactUri, runId: runId || (sourceRunId ?? undefined), modelId };
    } catch (error) {
      if (!isMissing(error)) throw error;
      throw invalid(
        `Unable to fetch model from model URI source artifact location '${source}'. Error: Logged model with ID '${modelId}' not found.`,
      );
    }
  }

  /** A run that we do not know may be another server's: its version is kept, and can not be served. */
  private async inRun(source: string, { runId, path }: Source & { kind: 'run' }): Promise<string> {
    const location = await this.rootOf({ runId });
    if (location === undefined) return source;
    return path === '' ? location : `${location}/${path}`;
  }

  private async ofLocation(source: string, runId: string, modelId: string): Promise<Place> {
    const isOurs = /^mlflow-artifacts:/i.test(source);
    const asked = modelId === '' ? undefined : this.loggedModels.get(modelId);
    const ofModel = await (isOurs ? asked?.catch(absent) : asked);
    const place = {
      source,
      storageLocation: source,
      runId: runId || (ofModel?.sourceRunId ?? undefined),
      modelId: modelId || undefined,
    };
    if (!isOurs) return place;
    const root = modelId === '' ? await this.rootOf({ runId }) : ofModel?.artifactUri;
    if (root === undefined || !liesWithin(source, root))
      throw notContained(source, modelId === '' ? 'run_id' : 'model_id');
    return place;
  }

  private async rootOf({ runId }: { runId: string }): Promise<string | undefined> {
    return runId === '' ? undefined : (await this.runs.get(runId).catch(absent))?.info.artifactUri;
  }
}

const isMissing = (error: unknown): boolean => error instanceof PlatformError && error.code === 'NOT_FOUND';

const absent = (error: unknown): undefined => {
  if (!isMissing(error)) throw error;
};

const promptPlace = (source: string): Place => {
  if (PROMPT_SOURCES.includes(source)) return { source, storageLocation: source };
  throw invalid(`Invalid prompt source: '${source}'. Prompt sources must use an MLflow placeholder.`);
};

/** The list as MLflow's clients write it too; what is none is begun anew. */
const listOf = (noted: string | undefined): { name: string; version: string | number }[] => {
  try {
    const list: unknown = JSON.parse(noted ?? '[]');
    return Array.isArray(list) ? (list as { name: string; version: string | number }[]) : [];
  } catch {
    return [];
  }
};
