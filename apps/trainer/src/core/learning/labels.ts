import { PlatformError } from '#runtime';

/** What is predicted: whole numbers or texts, never mixed, because the exported graph answers in one type. */
export type Labels = number[] | string[];

/** Labels as positions in `classes`, which are in ascending order, as scikit-learn's `classes_` are. */
export interface EncodedLabels {
  classes: Labels;
  ids: Int32Array;
}

const wholeNumber = /^[+-]?\d+(\.0*)?$/;

/**
 * The labels that a column of text holds: whole numbers when all of it are (`1.0` is one: a column that pandas kept as floats), texts
 * otherwise.
 * @throws PlatformError DATASET_INVALID when a label is missing, or all are numbers with fractions: a quantity is not a class.
 */
export const readLabels = (column: string, cells: readonly string[]): Labels => {
  const texts = cells.map((cell) => cell.trim());
  const empty = texts.indexOf('');
  if (empty >= 0)
    throw new PlatformError(
      'DATASET_INVALID',
      `Row ${String(empty + 1)} has no value in the target column "${column}".`,
    );
  const numbers = texts.map(Number);
  if (texts.every((text) => wholeNumber.test(text)) && numbers.every(Number.isSafeInteger))
    // -0 and 0 are one class.
    return numbers.map((value) => (value === 0 ? 0 : value));
  if (numbers.every(Number.isFinite))
    throw new PlatformError(
      'DATASET_INVALID',
      `The target column "${column}" holds numbers with fractions; classification needs classes (whole numbers or names).`,
    );
  return texts;
};

/** @throws PlatformError DATASET_INVALID when there is one class only: nothing can be told apart. */
export const encodeLabels = (labels: Labels): EncodedLabels => {
  const distinct = [...new Set<number | string>(labels)];
  if (distinct.length < 2)
    throw new PlatformError(
      'DATASET_INVALID',
      `The target has ${distinct.length === 0 ? 'no classes' : `the single class "${String(distinct[0])}"`}; two are needed at least.`,
    );
  const classes = isTexts(distinct) ? distinct.sort(byCodePoint) : (distinct as number[]).sort((a, b) => a - b);
  const idOf = new Map<number | string, number>(classes.map((label, id) => [label, id]));
  return { classes, ids: Int32Array.from(labels as (number | string)[], (label) => idOf.get(label) ?? -1) };
};

export const isTexts = (labels: readonly (number | string)[]): labels is string[] => typeof labels[0] === 'string';

/** Not the locale's order: a model trained elsewhere from the same rows must be the same. */
const byCodePoint = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
