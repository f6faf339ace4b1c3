import type { Figure, Group } from './figure.js';
import type { Machine } from './machine.js';
import type { Summary } from './statistics.js';

/** What a run of the bench leaves behind; docs/performance.json is one. */
export interface Report {
  machine: Machine;
  /** Load average over one minute when each group began: what else ran. */
  loads: Partial<Record<Group, number>>;
  figures: Figure[];
}

const titles: Record<Group, string> = {
  tracking: 'Writing while training',
  search: 'Searching 100,000 runs',
  history: 'A long metric history',
  artifacts: 'Artifacts through the proxy',
  promotion: 'From a transition to the event',
};

/** Three digits are all that a measurement of this kind can say. */
export const short = (value: number): string => {
  if (value >= 1000) return Math.round(value).toLocaleString('en');
  return String(Number(value.toPrecision(3)));
};

const row = (cells: string[]): string => `| ${cells.join(' | ')} |`;
const cellsOf = (summary: Summary | undefined): string[] =>
  summary === undefined ? ['–', '–', '–'] : [summary.p50Ms, summary.p99Ms, summary.perSecond].map(short);

export const table = (figures: readonly Figure[]): string => {
  const head = [
    'figure',
    'p50 ms',
    'p99 ms',
    '/s',
    'against',
    'p50 ms',
    'p99 ms',
    '/s',
    'ratio',
    'to reach',
    'reached',
  ];
  return [
    row(head),
    row(head.map(() => '---')),
    ...figures.map((figure) =>
      row([
        figure.name,
        ...cellsOf(figure.ours),
        figure.against ?? '–',
        ...(figure.ratioIsFloor === true ? ['> 60 s', '–', '–'] : cellsOf(figure.theirs)),
        figure.ratio === undefined ? '–' : `${figure.ratioIsFloor === true ? '> ' : ''}${short(figure.ratio)} ×`,
        figure.target,
        figure.met ? 'yes' : '**no**',
      ]),
    ),
  ].join('\n');
};

/** docs/performance.md. */
export const page = ({ machine, loads, figures }: Report): string => {
  const groups = (Object.keys(titles) as Group[]).filter((group) => figures.some((figure) => figure.group === group));
  return [
    '# Performance',
    '',
    'Written by `npm run bench -- all --out docs`; do not edit. Both sides ran on the same PostgreSQL server and the same cores, one',
    'round after the other in turn, under the same load from a process of its own, after their answers had been compared. A',
    'rate is the median of the rounds, a ratio the median of neighbouring rounds; p50 and p99 are over all requests.',
    '',
    `Measured on ${machine.date}: ${String(machine.cores)} cores of ${machine.cpu}, ${String(machine.memoryGb)} GB, shared by the load generator, the server and PostgreSQL`,
    `${machine.postgres} (fsync ${machine.fsync}); Node ${machine.node}${machine.mlflow === undefined ? '' : `; MLflow ${machine.mlflow} with its default of 4 workers`}.`,
    ...groups.flatMap((group) => {
      const those = figures.filter((figure) => figure.group === group);
      const load = loads[group];
      return [
        '',
        `## ${titles[group]}`,
        '',
        table(those),
        ...(load === undefined ? [] : ['', `Load average before: ${short(load)}.`]),
        ...those.flatMap(({ name, notes }) => (notes === undefined ? [] : ['', `${name}: ${notes}.`])),
      ];
    }),
    '',
  ].join('\n');
};
