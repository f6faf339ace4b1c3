import { PlatformError } from '#runtime';
import { readInt64 } from './int64.js';
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
  abstract create(experiment: { name: string; artifactLocation?: string; tags: readonly Tag[] }): Promise<string>;
  abstract get(id: string): Promise<Experiment>;
  abstract getByName(name: string): Promise<Experiment>;
  abstract search(query: ExperimentQuery): Promise<Page<Experiment>>;
  abstract rename(id: string, name: string): Promise<void>;
  /** Its runs follow it. */
  abstract setLifecycle(id: string, lifecycle: Lifecycle): Promise<void>;
  abstract setTag(id: string, tag: Tag): Promise<void>;
  abstract deleteTag(id: string, key: string): Promise<void>;
}

/**
 * An experiment's id is an integer in decimal digits; it may have a sign and spaces around it, as Python's `int` takes them.
 * @throws PlatformError REQUEST_INVALID for anything else; NOT_FOUND for an integer that no id can be.
 */
export const readExperimentId = (id: string): string => {
  if (!/^\s*[+-]?\d+\s*$/.test(id))
    throw new PlatformError('REQUEST_INVALID', `Invalid experiment ID '${id}'. Experiment ID must be a valid integer.`);
  const read = readInt64(id);
  if (read === undefined) throw unknownExperiment(id.trim());
  return String(read);
};

export const unknownExperiment = (id: string): PlatformError =>
  new PlatformError('NOT_FOUND', `No Experiment with id=${id} exists`);

export const inactiveExperiment = (id: string, stage: string): PlatformError =>
  new PlatformError(
    'REQUEST_INVALID',
    `The experiment ${id} must be in the 'active' state. Current state is ${stage}.`,
  );
