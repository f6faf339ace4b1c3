import { describe, expect, it } from 'vitest';
import { refusalOf, type CrashMark } from './crash-marks.js';

const MINUTES = 60_000;
const foundAtMs = Date.UTC(2026, 0, 1);
const promoted = (generation: number, model = 'iris') => ({ model, generation });
const mark = (crashes: number, alone = true): CrashMark => ({ promotions: { iris: 3 }, crashes, alone, foundAtMs });

describe('a version during whose load the process ended', () => {
  it.each<[string, CrashMark | undefined, ReturnType<typeof promoted>, boolean, boolean]>([
    ['nothing is known: tried', undefined, promoted(3), false, false],
    ['it was only marked: tried', mark(0), promoted(3), false, false],
    ['the same promotion: refused', mark(1), promoted(3), false, true],
    ['an older promotion: refused', mark(1), promoted(2), false, true],
    ['promoted again since: tried', mark(1), promoted(4), false, false],
    ['another model of the same bytes: refused', mark(1), promoted(9, 'wine'), false, true],
    ['others were being loaded, too: tried', mark(1, false), promoted(3), false, false],
    ['others were being loaded, too, but it was twice: refused', mark(2, false), promoted(3), false, true],
    ['it has served here: tried', mark(1), promoted(3), true, false],
    ['it has served here, and it was twice: refused', mark(2), promoted(3), true, true],
  ])('%s', (_, known, wanted, served, refused) => {
    expect(refusalOf(known, wanted, { served, nowMs: foundAtMs }) !== undefined).toBe(refused);
  });

  it.each([
    [1, 10],
    [2, 20],
    [3, 40],
    [30, 24 * 60],
  ])('after %i crashes it is tried again in %i minutes', (crashes, minutes) => {
    const after = (ms: number) =>
      refusalOf(mark(crashes), promoted(3), { served: false, nowMs: foundAtMs + minutes * MINUTES + ms });
    expect(after(-1)).toContain('are not loaded before 2026-01-');
    expect(after(0)).toBeUndefined();
  });

  it('is not refused for years by a clock that was set back', () => {
    expect(refusalOf(mark(1), promoted(3), { served: false, nowMs: foundAtMs - 1 })).toBeUndefined();
  });
});
