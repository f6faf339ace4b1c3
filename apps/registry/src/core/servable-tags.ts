import { PlatformError } from '#runtime';
import type { Tag } from './paging.js';
import type { Frozen } from './registered-models.js';

/** Where a client of MLflow sees whether a version can be served, and if not, why. The registry alone writes them. */
const SERVABLE = 'baton.servable';
const REASON = 'baton.notServableReason';
/** The code of an ONNX file that is at fault; absent where there is none to serve. */
const CODE = 'baton.notServableCode';
export const SERVABLE_TAGS: readonly string[] = [SERVABLE, REASON, CODE];

export const servableTags = (frozen: Frozen): Tag[] => [
  { key: SERVABLE, value: String(frozen.servable) },
  ...(frozen.servable ? [] : [{ key: REASON, value: frozen.reason }]),
  ...(frozen.servable || frozen.code === undefined ? [] : [{ key: CODE, value: frozen.code }]),
];

/** A copy brings the tags of its original; what counts is the version itself. */
export const withServableTags = (tags: readonly Tag[], frozen: Frozen): Tag[] => [
  ...tags.filter(({ key }) => !SERVABLE_TAGS.includes(key)),
  ...servableTags(frozen),
];

/** @throws PlatformError REQUEST_INVALID: whether a version can be served is found out, not claimed. */
export const refuseServableTag = (key: string): void => {
  if (SERVABLE_TAGS.includes(key))
    throw new PlatformError('REQUEST_INVALID', `The tag '${key}' is set by the registry and can not be changed.`);
};
