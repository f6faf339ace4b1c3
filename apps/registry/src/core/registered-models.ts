import type { InputExample, ModelArtifact, ModelSignature } from '#contracts';
import type { Filter, Order } from './search/clauses.js';
import type { Page, PageRequest, Tag } from './paging.js';
import type { Attempt } from './training-attempts.js';

export type Stage = 'None' | 'Staging' | 'Production' | 'Archived';
export const stages: readonly Stage[] = ['None', 'Staging', 'Production', 'Archived'];

/** The alias that is the promotion pointer; the stage that is so too is `Production`. */
export const CHAMPION = 'champion';

export interface RegisteredModel {
  name: string;
  description: string | null;
  createdMs: number;
  updatedMs: number;
  tags: Tag[];
  aliases: { alias: string; version: number }[];
  /** The newest version of each stage that has one. */
  latestVersions: ModelVersion[];
}

export interface ModelVersion {
  name: string;
  version: number;
  createdMs: number;
  updatedMs: number;
  description: string | null;
  stage: Stage;
  status: 'PENDING_REGISTRATION' | 'FAILED_REGISTRATION' | 'READY';
  statusMessage: string | null;
  source: string;
  /** Where its files lie: `mlflow-artifacts:/…`, or what the client named. */
  storageLocation: string;
  runId: string | null;
  runLink: string | null;
  modelId: string | null;
  origin: 'training-request' | 'client';
  requestId: string | null;
  /** What its training request allowed. */
  promote: 'policy' | 'never';
  frozen: Frozen;
  tags: Tag[];
  aliases: string[];
}

/** What registration found: the frozen ONNX file, or why there is none that can be served. */
export type Frozen =
  | { servable: true; artifact: ModelArtifact; signature: ModelSignature; inputExample?: InputExample }
  | {
      servable: false;
      reason: string;
      /** Told when the version is made, for those who may convert it; not kept. */
      flavors?: string[];
      /** Set when there is an ONNX file that is broken, missing or too large: nothing to convert, but a fault of who logged it. */
      code?: string;
    };

export type NewModelVersion = Pick<
  ModelVersion,
  | 'name'
  | 'description'
  | 'source'
  | 'storageLocation'
  | 'runId'
  | 'runLink'
  | 'modelId'
  | 'origin'
  | 'promote'
  | 'frozen'
> & {
  requestId: string | null;
  tags: Tag[];
  /** Nothing is made for an attempt that is superseded before the version exists: ATTEMPT_SUPERSEDED. */
  attempt?: Attempt;
};

export interface RegistryQuery extends PageRequest {
  filter: Filter;
  orderBy: readonly Order[];
}

/** Registered models by name. Errors: MODEL_NOT_FOUND, ALREADY_EXISTS. */
export abstract class RegisteredModels {
  abstract create(model: { name: string; description?: string; tags: Tag[] }): Promise<RegisteredModel>;
  abstract get(name: string): Promise<RegisteredModel>;
  abstract search(query: RegistryQuery): Promise<Page<RegisteredModel>>;
  abstract describe(name: string, description: string): Promise<void>;
  /** Its versions follow it. */
  abstract rename(name: string, newName: string): Promise<void>;
  abstract delete(name: string): Promise<void>;
  /** Tags and aliases do not count as updates of the model. */
  abstract setTag(name: string, tag: Tag): Promise<void>;
  abstract deleteTag(name: string, key: string): Promise<void>;
  abstract setAlias(name: string, alias: string, version: number): Promise<void>;
  abstract deleteAlias(name: string, alias: string): Promise<void>;
  abstract findAlias(name: string, alias: string): Promise<number | undefined>;
}

/** Versions of registered models. Errors: MODEL_NOT_FOUND, VERSION_NOT_FOUND. */
export abstract class ModelVersions {
  /** Gives it the next number of its name: numbers are never used twice, not even after the model was deleted. */
  abstract create(version: NewModelVersion): Promise<ModelVersion>;
  abstract get(name: string, version: number): Promise<ModelVersion>;
  abstract findByRequest(requestId: string): Promise<ModelVersion | undefined>;
  /** The latest metrics of the run (or logged model) it came from, finite ones only; empty when it has none. */
  abstract metricsOf(name: string, version: number): Promise<Record<string, number>>;
  abstract search(query: RegistryQuery): Promise<Page<ModelVersion>>;
  abstract describe(name: string, version: number, description: string | null): Promise<void>;
  /** Tells the stage before. */
  abstract setStage(name: string, version: number, stage: Stage): Promise<Stage>;
  /** Puts every version that is in `stage`, but for the one given, into `Archived`; tells which. */
  abstract archiveOthers(
    name: string,
    version: number | null,
    stage: Stage,
  ): Promise<{ version: number; from: Stage }[]>;
  /** The newest version in a stage. */
  abstract newestIn(name: string, stage: Stage): Promise<number | undefined>;
  /** Its number is not used again. Its aliases go with it. */
  /** Gives a version that could not be served what can be; its tags say so. */
  abstract attach(name: string, version: number, frozen: Frozen, tags: Tag[]): Promise<void>;
  abstract delete(name: string, version: number): Promise<void>;
  abstract setTag(name: string, version: number, tag: Tag): Promise<void>;
  abstract deleteTag(name: string, version: number, key: string): Promise<void>;
}
