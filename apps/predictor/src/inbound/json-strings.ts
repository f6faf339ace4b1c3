/**
 * Where the string ends that begins at `open`, in valid JSON. A quote closes unless an odd number of backslashes stands before
 * it; no two quotes share theirs. By hand, because a regular expression keeps a place to come back to for each escape, and runs
 * out of room at some millions of them.
 */
export const closingQuote = (text: string, open: number): number => {
  for (let at = open; ;) {
    at = text.indexOf('"', at + 1);
    let before = at;
    while (text[before - 1] === '\\') before -= 1;
    if ((at - before) % 2 === 0) return at;
  }
};
