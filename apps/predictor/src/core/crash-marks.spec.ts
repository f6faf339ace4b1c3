import { describe, expect, it } from 'vitest';
import { refusalOf, type CrashMark } from './crash-marks.js';

const promoted = (generation: number, model = 'iris') => ({ model, generation });
const mark = (crashes: number): CrashMark => ({ model: 'iris', version: 1, generation: 3, crashes });

describe('a version during whose load the process ended', () => {
  it.each<[string, CrashMark | undefined, ReturnType<typeof promoted>, boolean, boolean]>([
    ['nothing is known: tried', undefined, promoted(3), false, false],
    ['it was only marked: tried', mark(0), promoted(3), false, false],
    ['the same promotion: refused', mark(1), promoted(3), false, true],
    ['an older promotion: refused', mark(1), promoted(2), false, true],
    ['promoted again since: tried', mark(1), promoted(4), false, false],
    ['another model of the same bytes: refused', mark(1), promoted(9, 'wine'), false, true],
    ['it has served here: tried', mark(1), promoted(3), true, false],
    ['it has served here, and it was twice: refused', mark(2), promoted(3), true, true],
  ])('%s', (_, known, wanted, served, refused) => {
    expect(refusalOf(known, wanted, served) !== undefined).toBe(refused);
  });
});
