import { invalidData } from './invalid-data.js';

/** What is predicted: whole numbers or texts, never mixed, because the exported graph answers in one type. */
export type Labels = number[] | string[];

export const isTexts = (labels: readonly (number | string)[]): labels is string[] => typeof labels[0] === 'string';

const wholeNumber = /^[+-]?\d+(\.0*)?$/;

/**
 * The classes that texts stand for, in ascending order as scikit-learn's `classes_` are: whole numbers when all texts are (`1.0` is one: a
 * column that pandas kept as floats), texts otherwise.
 * @param texts each once
 * @returns the classes, and for each text which it is
 * @throws PlatformError DATASET_INVALID for numbers with fractions (a quantity is no class) and for a single class.
 */
export const classesOf = (column: string, texts: readonly string[]): { classes: Labels; idOf: Int32Array } => {
  const labels = labelsOf(column, texts);
  const distinct = [...new Set<number | string>(labels)];
  if (distinct.length === 1)
    throw invalidData(
      `The target column "${column}" has the single class "${String(distinct[0])}"; two are needed at least.`,
    );
  const classes = isTexts(distinct) ? distinct.sort(byCodePoint) : (distinct as number[]).sort((a, b) => a - b);
  const ids = new Map<number | string, number>(classes.map((label, id) => [label, id]));
  return { classes, idOf: Int32Array.from(labels as (number | string)[], (label) => ids.get(label) ?? -1) };
};

const labelsOf = (column: string, texts: readonly string[]): Labels => {
  const numbers = texts.map(Number);
  const areWhole = texts.every((text) => wholeNumber.test(text));
  if (areWhole && numbers.every(Number.isSafeInteger))
    // -0 and 0 are one class.
    return numbers.map((value) => (value === 0 ? 0 : value));
  if (!areWhole && numbers.every(Number.isFinite))
    throw invalidData(
      `The target column "${column}" holds numbers with fractions; classification needs classes (whole numbers or names). ` +
        `For a quantity choose a recipe for regression.`,
    );
  return [...texts];
};

/** Not the locale's order: a model trained elsewhere from the same rows must be the same. */
export const byCodePoint = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
