import { expect, it } from 'vitest';
import { AllFigures, VersionFigures } from './version-figures.js';

it('tells answers from failures, and batches by their rows', () => {
  const figures = new VersionFigures('iris', 1);
  figures.answered('ok', 2, 1_000);
  figures.answered('ok', 4, 2_000);
  figures.answered('INPUT_INVALID', 1, 3_000);
  figures.ran({ requests: 2, rows: 3, waitedMs: [1, 2], computeMs: 5 });
  figures.ran({ requests: 1, rows: 1_000, waitedMs: [0], computeMs: 7 });
  figures.ran({ requests: 1, rows: 2_000, waitedMs: [0], computeMs: 9 });
  expect([figures.succeeded, figures.failed, figures.lastAtMs]).toEqual([2, 1, 3_000]);
  expect([figures.answering.count, figures.answering.sum, figures.failingSeconds]).toEqual([2, 0.006, 0.001]);
  expect([figures.rows, figures.batches, figures.waiting.count]).toEqual([3_003, 3, 4]);
  expect([...figures.batchesByRows].map(([rows, { count }]) => [rows, count])).toEqual([
    [3, 1],
    [64, 2],
  ]);
});

it('keeps the last versions of a model, however many there were', () => {
  const all = new AllFigures();
  for (let version = 1; version <= 100; version += 1) {
    all.of('iris', version).answered('ok', 1, version);
    // The first one goes on answering, so it is never the oldest.
    all.of('iris', 1).answered('ok', 1, version);
  }
  all.of('wine', 7);
  expect([...all.all()].map(({ model, version }) => `${model} ${String(version)}`).sort()).toEqual(
    ['iris 1', 'iris 97', 'iris 98', 'iris 99', 'iris 100', 'wine 7'].sort(),
  );
  expect(all.find('iris', 1)?.succeeded).toBe(101);
  expect(all.find('iris', 2)).toBeUndefined();
  all.forget('iris');
  expect([...all.all()]).toHaveLength(1);
});
