/** Which models this replica serves; an absent wish lets all through, two wishes must both be met. */
export interface ModelSelection {
  /** Names, or patterns with `*` for any part. */
  names: readonly string[] | undefined;
  /** `key` or `key=value`; one of them is enough. */
  tags: readonly string[] | undefined;
}

/** Compiles a selection. By its name alone when `tags` is absent, as a retirement names a model: then it may be ours. */
export const selecting = ({ names, tags }: ModelSelection) => {
  const patterns = names?.map(patternOf);
  const wanted = tags?.map(tagOf);
  return (model: string, has?: Readonly<Record<string, string>>): boolean =>
    (patterns?.some((pattern) => pattern.test(model)) ?? true) &&
    (wanted === undefined ||
      has === undefined ||
      wanted.some(({ key, value }) => Object.hasOwn(has, key) && (value === undefined || has[key] === value)));
};

export type Selects = ReturnType<typeof selecting>;

const patternOf = (text: string): RegExp => new RegExp(`^${text.split('*').map(literal).join('.*')}$`, 's');

const literal = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');

/** A value may hold `=`, a key may not. */
const tagOf = (text: string): { key: string; value: string | undefined } => {
  const end = text.indexOf('=');
  return end === -1 ? { key: text, value: undefined } : { key: text.slice(0, end), value: text.slice(end + 1) };
};
