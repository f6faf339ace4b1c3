import type { ValueTransformer } from 'typeorm';
import { int64Of } from '../../core/int64.js';

/** bigint arrives as text; milliseconds, sizes and generations fit a double, steps and clients' timestamps may not. */
const number: ValueTransformer = {
  to: (value: unknown) => value,
  from: (value: string | null) => (value === null ? null : int64Of(value)),
};

/** A moment as our events write it. */
const iso: ValueTransformer = {
  to: (value: unknown) => value,
  from: (value: Date | null) => (value === null ? null : value.toISOString()),
};

interface Given {
  nullable?: true;
  default?: string | number;
}

export const bigint = (name: string, options: Given = {}) => ({
  ...options,
  name,
  type: 'bigint' as const,
  transformer: number,
});

export const moment = (name: string, options: Given = {}) => ({
  ...options,
  name,
  type: 'timestamptz' as const,
  transformer: iso,
});

export const text = (name: string, options: Given = {}) => ({
  ...options,
  name,
  type: 'text' as const,
});

/** Columns of a primary key are never null. */
export const key = (name: string) => ({ name, type: 'text' as const });

export const keyNumber = (name: string) => ({ name, type: 'bigint' as const, transformer: number });
