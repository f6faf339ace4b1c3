import { isIP } from 'node:net';

export interface HostRules {
  /** Names or patterns (`*` for any part) beside those that are allowed anyway; `*` alone allows all. */
  allowed: readonly string[];
  /** What this machine calls itself. */
  ownNames: readonly string[];
  /** Addresses under which others are told to find us. */
  urls: readonly (string | undefined)[];
}

/** Endings that public name servers never answer for: cluster and container networks, mDNS, private zones (RFC 6761, 6762, 8375). */
const privateEnding = /[.](localhost|local|internal|svc|test|home[.]arpa)$/;

/**
 * Whether a request with this `Host` header is meant for us. A page that has its own name resolve to our address (DNS
 * rebinding) comes with a public name; so an address, a name without a dot (as compose, Docker and Kubernetes give) and a name
 * of a private zone are let in, and of public names only those that we were told.
 */
export const hostsAllowed = ({ allowed, ownNames, urls }: HostRules): ((host: string | undefined) => boolean) => {
  if (allowed.includes('*')) return () => true;
  const told = [...allowed, ...ownNames, ...urls.flatMap((url) => (url === undefined ? [] : [new URL(url).hostname]))];
  const patterns = told.map(patternOf);
  return (host) => {
    const name = nameOf(host ?? '');
    if (name === undefined) return false;
    if (isIP(name) !== 0 || !name.includes('.') || privateEnding.test(name)) return true;
    const whole = (host ?? '').toLowerCase();
    return patterns.some((pattern) => pattern.test(name) || pattern.test(whole));
  };
};

/** `*` stands for any characters, all else for itself. */
export const patternOf = (text: string): RegExp =>
  new RegExp(
    `^${text
      .toLowerCase()
      .replace(/[.+?^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')}$`,
  );

/** The host without its port, brackets and last dot; undefined when it is none. */
const nameOf = (host: string): string | undefined => {
  const bracketed = /^\[([0-9a-f:.]+)\](?::\d*)?$/i.exec(host)?.[1];
  if (bracketed !== undefined) return isIP(bracketed) === 6 ? bracketed : undefined;
  return /^([a-z0-9_.-]*[a-z0-9_-])[.]?(?::\d*)?$/i.exec(host)?.[1]?.toLowerCase();
};
