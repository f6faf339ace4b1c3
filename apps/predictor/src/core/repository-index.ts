import type { ModelDeployed, ModelPromoted } from '#contracts';
import type { PinState } from './pinned-versions.js';

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
  /** Of the promoted version; absent where none is. */
  state?: Pick<ModelDeployed, 'state' | 'step' | 'reason'>;
  pinned: readonly Pick<PinState, 'version' | 'trouble'>[];
}

/** Every version that answers or should, by name; only those that answer when `readyOnly`. */
export const repositoryIndex = (models: readonly IndexedModel[], readyOnly: boolean): IndexRow[] =>
  models.flatMap(rowsOf).filter(({ state }) => !readyOnly || state === 'READY');

const rowsOf = ({ name, target, serving, state, pinned }: IndexedModel): IndexRow[] => {
  const awaited = new Map(pinned.map(({ version, trouble }) => [version, trouble]));
  const wanted = target?.promoted;
  if (wanted) {
    const failed = state?.state === 'failed';
    awaited.set(wanted.version, failed ? `${state.step ?? 'load'}: ${state.reason ?? 'failed'}` : undefined);
  }
  for (const version of serving) awaited.delete(version);
  return [
    ...serving.map((version): IndexRow => ({ name, version: String(version), state: 'READY', reason: '' })),
    ...[...awaited].map(([version, trouble]): IndexRow => ({
      name,
      version: String(version),
      state: trouble === undefined ? 'LOADING' : 'UNAVAILABLE',
      reason: trouble ?? '',
    })),
  ];
};
