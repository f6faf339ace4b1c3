import type { Filter, Order } from './search/clauses.js';
import type { Page, PageRequest, Tag, ViewType } from './paging.js';

export type Lifecycle = 'active' | 'deleted';

export interface Experiment {
  id: string;
  name: string;
  artifactLocation: string;
  lifecycle: Lifecycle;
  createdMs: number;
  updatedMs: number;
  tags: Tag[];
}

export interface ExperimentQuery extends PageRequest {
  view: ViewType;
  filter: Filter;
  orderBy: readonly Order[];
}

/** Experiments by id. Errors: NOT_FOUND, ALREADY_EXISTS (name), REQUEST_INVALID (wrong lifecycle). */
export abstract class Experiments {
  abstract create(experiment: { name: string; artifactLocation?: string; tags: Tag[] }): Promise<string>;
  abstract get(id: string): Promise<Experiment>;
  abstract getByName(name: string): Promise<Experiment>;
  abstract search(query: ExperimentQuery): Promise<Page<Experiment>>;
  abstract rename(id: string, name: string): Promise<void>;
  /** Its runs follow it. */
  abstract setLifecycle(id: string, lifecycle: Lifecycle): Promise<void>;
  abstract setTag(id: string, tag: Tag): Promise<void>;
  abstract deleteTag(id: string, key: string): Promise<void>;
}
