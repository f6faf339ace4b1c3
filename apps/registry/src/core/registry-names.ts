import { PlatformError } from '#runtime';
import type { Tag } from './paging.js';
import { PROMPT_TEXT_TAG } from './prompts.js';

const TAG_KEY_LENGTH = 250;
const TAG_VALUE_LENGTH = 100_000;

const invalid = (detail: string): PlatformError => new PlatformError('REQUEST_INVALID', detail);

/** What a POSIX system makes of a relative path: `a//b/../c` is `a/c`. */
const normalised = (path: string): string => {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else if (part !== '..' || !path.startsWith('/')) parts.push(part);
  }
  return (path.startsWith('/') ? '/' : '') + parts.join('/') || '.';
};

/**
 * MLflow's rule for names that may become file names: they must not resolve to another name, or out of their folder.
 * @throws PlatformError REQUEST_INVALID in MLflow's words.
 */
export const checkNormalised = (field: string, name: string): void => {
  const resolved = normalised(name);
  if (resolved === name && resolved !== '.' && !resolved.startsWith('..') && !resolved.startsWith('/')) return;
  throw invalid(
    `Invalid value "${name}" for parameter '${field}' supplied: Names may be treated as files in certain cases, and must not resolve to other names when treated as such. This name would resolve to '${resolved}'`,
  );
};

/** @throws PlatformError REQUEST_INVALID for a key that MLflow's registry does not take. */
export const checkedTagKey = (key: string): string => {
  if (key !== '' && !/^[/\p{L}\p{N}_.\- :]+$/u.test(key))
    throw invalid(
      `Invalid value "${key}" for parameter 'key' supplied: Names may only contain alphanumerics, underscores (_), dashes (-), periods (.), spaces ( ), colon(:) and slashes (/).`,
    );
  checkNormalised('key', key);
  return key;
};

/** Tags of registered models and of versions: too long is refused here, never cut. @throws PlatformError REQUEST_INVALID. */
export const checkedRegistryTag = ({ key, value }: Tag): Tag => {
  checkedTagKey(key);
  checkLength('key', key, TAG_KEY_LENGTH);
  if (key === PROMPT_TEXT_TAG && value.length > TAG_VALUE_LENGTH)
    throw invalid(`Prompt text exceeds max length of ${String(TAG_VALUE_LENGTH)} characters.`);
  checkLength('value', value, TAG_VALUE_LENGTH);
  return { key, value };
};

/** @throws PlatformError REQUEST_INVALID. */
export const checkLength = (field: string, text: string, limit: number): void => {
  if (text.length > limit) throw invalid(`'${field}' exceeds the maximum length of ${String(limit)} characters`);
};
