import { readFileSync } from 'node:fs';
import { readJsonText } from '#runtime';

/** What a server said to one question. */
export interface Said {
  status: number;
  text: string;
}

/** A question that both were asked, and what they said where that is not the same. */
export interface Difference {
  asked: string;
  here: string;
  theirs: string;
}

const HEAD = ['asked', 'here', 'MLflow', 'reason'];
/** A learner computes in double precision, its ONNX in single. */
const TOLERANCE = 1e-5;
const LONGEST = 160;

/**
 * Undefined when both said the same: the predictions, or that something is wrong. Sentences are for people, and each has its own; what
 * stands beside the predictions here, the model and its version, is for those who look.
 */
export const differenceOf = (asked: string, ours: Said, theirs: Said): Difference | undefined => {
  const [here, there] = [outcomeOf(ours), outcomeOf(theirs)];
  if (ours.status !== 200 || theirs.status !== 200) return here === there ? undefined : { asked, here, theirs: there };
  const [mine, its] = [predictionsIn(ours), predictionsIn(theirs)];
  return isSame(mine, its) ? undefined : { asked, here: shown(mine), theirs: shown(its) };
};

const outcomeOf = ({ status, text }: Said): string => {
  if (status === 200) return '200';
  try {
    const { error_code: code } = JSON.parse(text) as { error_code?: string };
    return code === undefined ? String(status) : `${String(status)} ${code}`;
  } catch {
    return `${String(status)} (text)`;
  }
};

/** MLflow writes bare NaN. */
const predictionsIn = ({ text }: Said): unknown => (readJsonText(text) as { predictions: unknown }).predictions;

const shown = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) => (Number.isNaN(part) ? 'NaN' : part)).slice(0, LONGEST);

const isSame = (one: unknown, other: unknown): boolean => {
  if (typeof one === 'number' && typeof other === 'number')
    return Math.abs(one - other) <= TOLERANCE * Math.max(1, Math.abs(other));
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return one === other;
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const [mine, its] = [Object.entries(one), new Map(Object.entries(other))];
  return mine.length === its.size && mine.every(([key, value]) => its.has(key) && isSame(value, its.get(key)));
};

/** A row of the page for users; `*` stands for anything. */
export class Listed {
  seen = false;

  constructor(
    readonly asked: string,
    private readonly here: string,
    private readonly theirs: string,
  ) {}

  covers({ asked, here, theirs }: Difference): boolean {
    const fits = isLike(asked, this.asked) && isLike(here, this.here) && isLike(theirs, this.theirs);
    this.seen ||= fits;
    return fits;
  }
}

/** The rows of the table on the page under the head `asked, here, MLflow, reason`. */
export const listedIn = (page: string): Listed[] => {
  const rows: Listed[] = [];
  let inside = false;
  for (const line of readFileSync(page, 'utf8').split('\n')) {
    const cells = line
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll('\\|', '|').replace(/^`|`$/g, ''));
    if (cells.join() === HEAD.join()) inside = true;
    else if (cells.length === 0) inside = false;
    else if (inside && !/^:?-+:?$/.test(cells[0])) rows.push(new Listed(cells[0], cells[1], cells[2]));
  }
  return rows;
};

/** Nothing but `*` has a meaning. */
const isLike = (text: string, pattern: string): boolean =>
  new RegExp(`^${pattern.split('*').map(literal).join('.*')}$`, 's').test(text);

const literal = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
