import type { ImportVersion } from '#contracts';
import { proxiedPath, ProxiedTree } from './artifact-trees.js';
import type { Places } from './import-runs.js';
import { pairs } from './import-runs.js';
import type { ImportTarget } from './import-target.js';
import type { MlflowReader } from './mlflow-reader.js';
import type { WireModel, WireVersion } from './mlflow-shapes.js';
import type { Tally } from './tally.js';

/** Copies registered models with their versions, stages and aliases; files first, and all of them, since a version is frozen when it is made. */
export class ImportModels {
  constructor(
    private readonly source: MlflowReader,
    private readonly target: ImportTarget,
    private readonly places: Places,
    private readonly tally: Tally,
  ) {}

  async model(wire: WireModel, promoteProduction: boolean): Promise<void> {
    const { name } = wire;
    const taken = await this.target.tried(`model ${name}`, async () => {
      await this.target.model(name, {
        description: wire.description ?? null,
        creationTime: wire.creation_timestamp ?? 0,
        lastUpdateTime: wire.last_updated_timestamp ?? 0,
        tags: pairs(wire.tags),
      });
      return true;
    });
    if (taken === undefined) return;
    this.tally.add('models');
    let production: number | undefined;
    const versions = await this.target.tried(`versions of ${name}`, () => this.source.versions(name));
    for (const version of versions ?? []) {
      const aliases = (wire.aliases ?? []).filter((one) => one.version === version.version).map(({ alias }) => alias);
      const servable = await this.version(version, aliases);
      if (version.current_stage === 'Production' && servable) production = Number(version.version);
    }
    if (promoteProduction && production !== undefined) {
      const version = production;
      await this.target.tried(`promotion of ${name} ${String(version)}`, () => this.target.promote(name, version));
    }
  }

  private async version(wire: WireVersion, aliases: string[]): Promise<boolean> {
    const what = `version ${wire.version} of ${wire.name}`;
    const made = await this.target.tried(what, async () => {
      const storageLocation = await this.filesOf(wire, what);
      if (!this.target.isWhole(storageLocation)) {
        this.tally.problem(what, 'not made, since some of its files could not be copied; run the command again');
        return undefined;
      }
      const answer = await this.target.version(wire.name, wire.version, versionOf(wire, storageLocation, aliases));
      this.tally.add('versions');
      return answer;
    });
    return made?.servable === true;
  }

  /** `runs:/…` and `models:/m-…` of what was not copied along, as the place there that they stand for. */
  private async located(uri: string): Promise<string> {
    const named = /^(?:(runs):\/+|models:\/+(?=m-))([^/]+)(.*)$/.exec(uri);
    if (named === null) return uri;
    const [, kind, id, path] = named;
    const { info } = kind === 'runs' ? await this.source.run(id) : await this.source.loggedModel(id);
    return `${info.artifact_uri ?? ''}${path}`;
  }

  /** Where the files of a version lie here: within a run or logged model that was copied, else at a place of their own. */
  private async filesOf(wire: WireVersion, what: string): Promise<string> {
    const own = `mlflow-artifacts:/imported-models/${encodeURIComponent(wire.name)}/${wire.version}`;
    if (isPrompt(wire)) return own;
    const there = await this.source.downloadUri(wire.name, wire.version);
    const place = placeOf(there, this.places);
    if (place !== undefined) return place;
    const root = proxiedPath(await this.located(there));
    if (root === undefined || root === '')
      this.tally.problem(
        what,
        `its files (${there || 'of no place'}) are out of this command's reach; copy them by hand`,
      );
    else await this.target.copyFiles(what, new ProxiedTree(this.source.client, root), own);
    return own;
  }
}

/** The place here of a location there: that of the copied thing that it lies in. */
export const placeOf = (there: string, places: Places): string | undefined => {
  const trimmed = there.replace(/\/+$/, '');
  for (let end = trimmed.length; end > 0; end = trimmed.lastIndexOf('/', end - 1)) {
    const place = places.get(trimmed.slice(0, end));
    if (place !== undefined) return `${place}${trimmed.slice(end)}`;
  }
  return undefined;
};

const isPrompt = ({ tags = [] }: WireVersion): boolean =>
  tags.some(({ key, value = '' }) => key === 'mlflow.prompt.is_prompt' && value.toLowerCase() === 'true');

const versionOf = (wire: WireVersion, storageLocation: string, aliases: string[]): ImportVersion => ({
  description: wire.description ?? null,
  creationTime: wire.creation_timestamp ?? 0,
  lastUpdateTime: wire.last_updated_timestamp ?? 0,
  userId: wire.user_id ?? null,
  stage: wire.current_stage ?? 'None',
  status: wire.status ?? 'READY',
  statusMessage: wire.status_message ?? null,
  source: wire.source ?? '',
  storageLocation,
  runId: wire.run_id ?? null,
  runLink: wire.run_link ?? null,
  modelId: wire.model_id ?? null,
  tags: pairs(wire.tags),
  aliases,
});
