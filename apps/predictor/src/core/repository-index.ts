import type { ModelDeployed, ModelPromoted } from '#contracts';

/** A row of the protocol's repository index. */
export interface IndexRow {
  name: string;
  version: string;
  state: 'READY' | 'LOADING' | 'UNLOADING' | 'UNAVAILABLE';
  reason: string;
}

/** What the index needs to know of one model. */
export interface IndexedModel {
  name: string;
  /** What is wanted of it; null when it is being retired. */
  target: { promoted: ModelPromoted | null } | undefined;
  /** Versions that answer, the promoted one first. */
  serving: readonly number[];
  state: Pick<ModelDeployed, 'state' | 'step' | 'reason'>;
}

/** Every version that answers or should, by name; only those that answer when `readyOnly`. */
export const repositoryIndex = (models: readonly IndexedModel[], readyOnly: boolean): IndexRow[] =>
  models.flatMap(rowsOf).filter(({ state }) => !readyOnly || state === 'READY');

const rowsOf = ({ name, target, serving, state }: IndexedModel): IndexRow[] => {
  const rows: IndexRow[] = serving.map((version) => ({ name, version: String(version), state: 'READY', reason: '' }));
  const wanted = target?.promoted;
  if (!wanted || serving.includes(wanted.version)) return rows;
  const failed = state.state === 'failed';
  return [
    ...rows,
    {
      name,
      version: String(wanted.version),
      state: failed ? 'UNAVAILABLE' : 'LOADING',
      reason: failed ? `${state.step ?? 'load'}: ${state.reason ?? 'failed'}` : '',
    },
  ];
};
