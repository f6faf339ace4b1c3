import { PlatformError } from '#runtime';

export interface Tag {
  key: string;
  value: string;
}

/** Which of the active and the deleted a search shows. */
export type ViewType = 'ACTIVE_ONLY' | 'DELETED_ONLY' | 'ALL';

/** A row's values of what a search is ordered by, as texts. */
export type Keyset = readonly (string | null)[];

export interface PageRequest {
  offset: number;
  limit: number;
  /** The row behind which the page begins, instead of an offset: so a late page costs what the first one does. */
  after?: Keyset;
}

export interface Page<T> {
  items: T[];
  /** Where the next page begins; absent on the last one. */
  nextOffset?: number;
  /** The last row of this page, if there are more and the search can go on behind a row. */
  nextAfter?: Keyset;
}

/** Makes a page of `limit + 1` rows that were read: the row too many only tells that there is more. */
export const pageOf = <T>(rows: T[], { offset, limit }: PageRequest): Page<T> =>
  rows.length > limit ? { items: rows.slice(0, limit), nextOffset: offset + limit } : { items: rows };

/** MLflow's tokens: base64 of `{"offset": N}`; clients treat them as opaque. */
export const pageToken = (offset: number | undefined): string | undefined =>
  offset === undefined ? undefined : btoa(JSON.stringify({ offset }));

/** @throws PlatformError REQUEST_INVALID when the token is not one of ours. */
export const offsetOf = (token: string | undefined): number => {
  if (token === undefined || token === '') return 0;
  try {
    const parsed = JSON.parse(atob(token)) as { offset?: unknown };
    if (Number.isSafeInteger(parsed.offset) && Number(parsed.offset) >= 0) return Number(parsed.offset);
  } catch {
    /* answered below, as any other token that is not ours */
  }
  throw new PlatformError('REQUEST_INVALID', 'Invalid page token, could not base64-decode');
};
