/** What stands for "no value" in tables, the empty cell among it: the words that pandas reads so. Training and serving read alike. */
export const MISSING_WORDS: readonly string[] = [
  '',
  '#N/A',
  '#N/A N/A',
  '#NA',
  '-1.#IND',
  '-1.#QNAN',
  '-NaN',
  '-nan',
  '1.#IND',
  '1.#QNAN',
  '<NA>',
  'N/A',
  'NA',
  'NULL',
  'NaN',
  'None',
  'n/a',
  'nan',
  'null',
];

const words = new Set(MISSING_WORDS);

export const isMissing = (text: string): boolean => words.has(text);
