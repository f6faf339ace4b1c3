import { createHash } from 'node:crypto';
import { PlatformError } from '#runtime';
import type { Keyset, Page, PageRequest } from '../paging.js';

type Start = Pick<PageRequest, 'offset' | 'after'>;

/**
 * The tokens of one search: MLflow's base64 of `{"offset": N}`, and beside the offset the last row of the page before. Rows
 * that are written meanwhile are so neither shown twice nor do they hide others. With another question, or when it was
 * made by hand, a token counts by its offset alone, as every token does in MLflow.
 */
export class PageTokens {
  private readonly question: string;

  /** All of what is asked for, but for the size of a page. */
  constructor(...question: unknown[]) {
    this.question = createHash('sha256').update(JSON.stringify(question)).digest('base64url').slice(0, 16);
  }

  /** @throws PlatformError REQUEST_INVALID when there is no offset in it. */
  read(token: string | undefined): Start {
    if (token === undefined || token === '') return { offset: 0 };
    const { offset, after, question } = fieldsOf(token);
    return question === this.question && isKeyset(after) ? { offset, after } : { offset };
  }

  write({ nextOffset: offset, nextAfter: after }: Page<unknown>): string | undefined {
    return offset === undefined ? undefined : encoded({ offset, ...(after && { after, question: this.question }) });
  }
}

export interface LoggedModelQuestion {
  experiment_ids: readonly string[];
  filter_string: string | null;
  order_by: readonly unknown[] | null;
}

/** The tokens of a search for logged models repeat the question, and no other may be asked with them. */
export class LoggedModelTokens {
  constructor(
    private readonly question: LoggedModelQuestion,
    /** What MLflow does not compare; a token is then good for its offset. */
    private readonly datasets: unknown,
  ) {}

  /** @throws PlatformError REQUEST_INVALID when it belongs to another question. */
  read(token: string | undefined): Start {
    if (token === undefined || token === '') return { offset: 0 };
    const { offset, after, datasets, ...given } = fieldsOf(token);
    for (const [field, name] of parts)
      if (JSON.stringify(given[field] ?? null) !== JSON.stringify(this.question[field]))
        throw new PlatformError(
          'REQUEST_INVALID',
          `${name} in the page token do not match the requested ones. Ask for the next page with the same ${field}, or without a token.`,
        );
    const isSame = JSON.stringify(datasets) === JSON.stringify(this.datasets);
    return isSame && isKeyset(after) ? { offset, after } : { offset };
  }

  write({ nextOffset: offset, nextAfter: after }: Page<unknown>): string | undefined {
    if (offset === undefined) return undefined;
    return encoded({ ...this.question, offset, after, datasets: this.datasets });
  }
}

const parts = [
  ['experiment_ids', 'Experiment IDs'],
  ['filter_string', 'Filter strings'],
  ['order_by', 'Orders'],
] as const;

const encoded = (fields: object): string => Buffer.from(JSON.stringify(fields)).toString('base64');

const fieldsOf = (token: string): Record<string, unknown> & { offset: number } => {
  try {
    const fields = JSON.parse(Buffer.from(token, 'base64').toString('utf8')) as unknown;
    if (typeof fields === 'object' && fields !== null && 'offset' in fields && isOffset(fields.offset))
      return { ...fields, offset: fields.offset };
  } catch {
    /* answered below, as any other token that is not ours */
  }
  throw new PlatformError('REQUEST_INVALID', 'Invalid page token, could not base64-decode');
};

const isOffset = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;

const isKeyset = (value: unknown): value is Keyset =>
  Array.isArray(value) && value.every((item) => item === null || typeof item === 'string');
