import type { LoadReport } from './load.js';

/** What is wrong with the answers, one sentence each; nothing when every one is right. */
export const faultsOf = (report: LoadReport, references: Map<number, string[]>, promoted: number[]): string[] => [
  ...(report.failed === 0
    ? []
    : [`${String(report.failed)} requests failed, such as: ${report.failures.slice(0, 3).join(' | ')}`]),
  ...report.versions.flatMap((versions) => orderFault(versions, promoted)),
  ...[...report.seen].flatMap(([version, rows]) => answerFaults(version, rows, references.get(version))),
];

/** The versions of one connection must follow each other as they were promoted: never an older one after a newer. */
const orderFault = (versions: number[], promoted: number[]): string[] => {
  let place = -1;
  for (const version of versions) {
    place = promoted.indexOf(version, place + 1);
    if (place === -1)
      return [`A connection was answered by versions ${versions.join(', ')}; promoted were ${promoted.join(', ')}.`];
  }
  return [];
};

const answerFaults = (version: number, rows: Map<number, Set<string>>, reference: string[] | undefined): string[] => {
  if (reference === undefined) return [`Version ${String(version)} answered, which was never to be served.`];
  return [...rows].flatMap(([row, lines]) =>
    lines.size === 1 && lines.has(reference[row])
      ? []
      : [`Version ${String(version)}, row ${String(row)}: answered ${[...lines].join(' and ')}, is ${reference[row]}.`],
  );
};
