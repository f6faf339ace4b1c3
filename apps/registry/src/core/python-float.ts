/** What Python's `float` skips at both ends of a text. */
const isSpace = (code: number): boolean =>
  code === 0x20 || (code >= 0x09 && code <= 0x0d) || (code > 0x7f && OTHER_SPACE.test(String.fromCharCode(code)));
const OTHER_SPACE = /[\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;
/** A sign and the longest word. */
const LONGEST_WORD = 9;

/**
 * The number that Python's `float` reads in a text: decimal, with underscores between digits, or a spelling of infinity and
 * NaN. Undefined when it reads none. Texts come from anybody and have any length: each pattern looks at single characters.
 */
export const readPythonFloat = (text: string): number | undefined => {
  let start = 0;
  let end = text.length;
  while (start < end && isSpace(text.charCodeAt(start))) start++;
  while (end > start && isSpace(text.charCodeAt(end - 1))) end--;
  if (start === end) return undefined;
  const found = text.slice(start, end);
  return (found.length <= LONGEST_WORD ? wordOf(found) : undefined) ?? decimalOf(found);
};

const wordOf = (text: string): number | undefined => {
  const [, sign, word] = /^([+-]?)(nan|inf|infinity)$/i.exec(text) ?? [];
  if (!word) return undefined;
  if (word.toLowerCase() === 'nan') return NaN;
  return sign === '-' ? -Infinity : Infinity;
};

const decimalOf = (text: string): number | undefined => {
  if (/[^\d.eE+\-_]/.test(text) || /(?<!\d)_|_(?!\d)/.test(text)) return undefined;
  const read = Number(text.replaceAll('_', ''));
  return Number.isNaN(read) ? undefined : read;
};
