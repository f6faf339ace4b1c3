import { groups, type Figure, type Group } from './figure.js';
import type { Machine } from './machine.js';
import type { Summary } from './statistics.js';

/** What a run of the bench leaves behind; docs/performance.json is one. */
export interface Report {
  machine: Machine;
  /** Load average over one minute when each group began: what else ran. */
  loads: Partial<Record<Group, number>>;
  /** The day each group was measured, when it was not that of the machine's description. */
  dates?: Partial<Record<Group, string>>;
  figures: Figure[];
}

/**
 * A report with the groups of `fresh` in the place of those it had, or of a group's single figures where `onlyFigures` were measured; what
 * was not measured again stays as it was.
 * @throws Error when they are of different machines: side by side on one page they would be compared.
 */
export const merged = (kept: Report, fresh: Report, onlyFigures = false): Report => {
  const place = ({ cpu, cores, memoryGb }: Machine): string =>
    `${String(cores)} cores of ${cpu}, ${String(memoryGb)} GB`;
  if (place(kept.machine) !== place(fresh.machine))
    throw new Error(
      `performance.json is of ${place(kept.machine)}, this is ${place(fresh.machine)}: measure all, to another folder.`,
    );
  const measured = new Set(Object.keys(fresh.loads));
  const dates = Object.fromEntries(
    groups.flatMap((group) => {
      const date = measured.has(group) ? fresh.machine.date : (kept.dates?.[group] ?? kept.machine.date);
      return group in kept.loads || measured.has(group) ? [[group, date]] : [];
    }),
  );
  return {
    machine: { ...fresh.machine, mlflow: fresh.machine.mlflow ?? kept.machine.mlflow },
    loads: { ...kept.loads, ...fresh.loads },
    dates,
    figures: onlyFigures
      ? inPlace(kept.figures, fresh.figures)
      : [...kept.figures.filter(({ group }) => !measured.has(group)), ...fresh.figures],
  };
};

const inPlace = (kept: readonly Figure[], fresh: readonly Figure[]): Figure[] => {
  const key = ({ group, name, against = '' }: Figure): string => [group, name, against].join('\n');
  const figures = new Map(kept.map((figure) => [key(figure), figure]));
  for (const figure of fresh) figures.set(key(figure), figure);
  return [...figures.values()];
};

const titles: Record<Group, string> = {
  tracking: 'Writing while training',
  search: 'Searching 100,000 runs',
  history: 'A long metric history',
  artifacts: 'Artifacts through the proxy',
  promotion: 'From a transition to the event',
  serving: 'Answering',
  swap: 'Swapping under load',
  delivery: 'From a promotion to the first answer',
  memory: 'Memory over many swaps',
  many: 'Many models',
  'load-memory': 'Memory of a load',
  training: 'Learning from 100,000 rows of 20 features',
  'training-quality': 'How well the recipes learn',
  exported: 'One exported file in three hands',
  'training-memory': 'The memory of a training on a million rows',
  spawn: 'From a request to its training',
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
        figure.met === undefined ? '–' : figure.met ? 'yes' : '**no**',
      ]),
    ),
  ].join('\n');
};

/** docs/performance.md. */
export const page = ({ machine, loads, dates, figures }: Report): string => {
  const told = (Object.keys(titles) as Group[]).filter((group) => figures.some((figure) => figure.group === group));
  return [
    '# Performance',
    '',
    'Written by `npm run bench -- all --out docs`, or by single groups of it; do not edit. Both sides ran on the same cores, one round',
    'after the other in turn, under the same load from a process of its own, after their answers had been compared; registries on the',
    'same PostgreSQL server, servers of models with the same model and the same number of processes. A rate is the median of the',
    'rounds, a ratio the median of neighbouring rounds; p50 and p99 are over all requests. “reached” is empty where nothing was to reach.',
    '',
    `Machine: ${String(machine.cores)} cores of ${machine.cpu}, ${String(machine.memoryGb)} GB, shared by load generators, servers, Kafka and PostgreSQL`,
    `${machine.postgres} (fsync ${machine.fsync}); Node ${machine.node}${machine.mlflow === undefined ? '' : `; MLflow ${machine.mlflow}, as a registry with its default of 4 workers`}.`,
    ...told.flatMap((group) => {
      const those = figures.filter((figure) => figure.group === group);
      const load = loads[group];
      const date = dates?.[group] ?? machine.date;
      return [
        '',
        `## ${titles[group]}`,
        '',
        table(those),
        ...(load === undefined ? [] : ['', `Measured on ${date}; load average before: ${short(load)}.`]),
        ...those.flatMap(({ name, notes }) => (notes === undefined ? [] : ['', `${name}: ${notes}.`])),
      ];
    }),
    '',
  ].join('\n');
};
