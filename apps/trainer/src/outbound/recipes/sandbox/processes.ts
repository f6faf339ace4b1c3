import { readdirSync, readFileSync } from 'node:fs';

/** One process of this machine, as Linux tells it. */
export interface ProcessFacts {
  pid: number;
  parent: number;
  /** Process group, and session. */
  group: number;
  session: number;
  /** Ticks since boot; with the pid it names one process for ever. */
  born: number;
}

/** Processes that live (a zombie does not), in no order; none where there is no /proc. */
export const livingProcesses = (): ProcessFacts[] => pids().flatMap((pid) => factsOf(pid) ?? []);

/** Undefined when there is no such process, or only what is left of it. */
export const factsOf = (pid: number): ProcessFacts | undefined => {
  const stat = read(pid, 'stat');
  if (stat === undefined) return undefined;
  // The name in brackets may hold anything: fields are counted from the last bracket.
  const [state, parent, group, session, ...more] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (state === 'Z' || state === 'X') return undefined;
  return { pid, parent: Number(parent), group: Number(group), session: Number(session), born: Number(more[15]) };
};

/** Whether the process was started with this variable (`NAME=value`). What belongs to another user can't be looked into. */
export const startedWith = (pid: number, variable: string): boolean =>
  `\0${read(pid, 'environ') ?? ''}`.includes(`\0${variable}\0`);

/**
 * A limit that the kernel does not enforce (RSS, in bytes), as it was set for the process or one that it comes from: it is handed down
 * whatever becomes of environment, group and parents, and only root can raise it again.
 */
export const limitOf = (pid: number): number | undefined => {
  const bytes = /^Max resident set +\S+ +(\d+)/m.exec(read(pid, 'limits') ?? '')?.[1];
  return bytes === undefined ? undefined : Number(bytes);
};

/** Memory that is the process's own share: what it has in common with others counts in parts. */
export const memoryOf = (pid: number): number => {
  const kB = /^Pss:\s+(\d+)/m.exec(read(pid, 'smaps_rollup') ?? '')?.[1] ?? /^VmRSS:\s+(\d+)/m.exec(read(pid, 'status') ?? '')?.[1]; // prettier-ignore
  return kB === undefined ? 0 : Number(kB) * 1024;
};

const pids = (): number[] => {
  try {
    return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number); // prettier-ignore
  } catch {
    return [];
  }
};

/** A process may end at any moment, and another user's is closed to us. */
const read = (pid: number, what: string): string | undefined => {
  try {
    return readFileSync(`/proc/${String(pid)}/${what}`, 'latin1');
  } catch {
    return undefined;
  }
};
