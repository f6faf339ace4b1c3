import { patternOf } from './allowed-hosts.js';

/** Origins of pages on this machine: notebooks and front ends under development. */
const localOrigin = /^https?:\/\/(localhost|127[.]0[.]0[.]1|\[::1\])(:\d+)?$/;

/** Whether a page of this origin may call us: one of this machine, one of the setting, or (`*`) any. */
export const originsAllowed = (allowed: readonly string[]): ((origin: string) => boolean) => {
  const patterns = allowed.map(patternOf);
  return (origin) => localOrigin.test(origin) || patterns.some((pattern) => pattern.test(origin.toLowerCase()));
};

/** A page that this very server gave: browsers name the origin of its own calls, too. */
export const isOwnOrigin = (origin: string, host: string | undefined): boolean =>
  host !== undefined && URL.canParse(origin) && new URL(origin).host === host.toLowerCase();
