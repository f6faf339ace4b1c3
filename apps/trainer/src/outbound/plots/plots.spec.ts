import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { confusionMatrix, rocCurves, rocPoints } from '../../core/plots/class-plots.js';
import { columnImportances, featureImportance, learningCurve, predictedValues } from '../../core/plots/fit-plots.js';
import type { Plot } from '../../core/plots/plot.js';
import type { Encoder } from '../../core/tables/encoder.js';
import type { Scored } from '../../core/tables/score-model.js';
import { renderPlot } from './render-plot.js';
import { writePlots } from './write-plots.js';

const scored = (truth: number[], predicted: number[], probabilities: number[] = []): Scored => ({
  metrics: {},
  greatestDifference: 0,
  truth,
  predicted,
  probabilities,
});
const three = scored(
  [0, 1, 2, 2, 1],
  [0, 2, 2, 2, 1],
  [0.8, 0.1, 0.1, 0.2, 0.3, 0.5, 0.1, 0.2, 0.7, 0, 0, 1, 0.2, 0.6, 0.2],
);
const encoder: Encoder = {
  encodings: [{ kind: 'number', name: 'size' }, { kind: 'one-hot', name: 'colour', categories: ['blue', 'größer als'], missing: false }],
  featureNames: ['size', 'colour = blue', 'colour = größer als'],
  columnOf: Int32Array.of(0, 1, 1),
  optional: [false, false],
  isNumeric: false,
}; // prettier-ignore
const texts = (svg: string): string[] => [...svg.matchAll(/<text[^>]*>([^<]+)<\/text>/g)].map(([, text]) => text);
const svgOf = async (plot: Plot | undefined): Promise<string> => (await renderPlot(plot as Plot)).svg;

describe('plots', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'baton-plots-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('shows how often each class was taken for each', async () => {
    const shown = texts(await svgOf(confusionMatrix(three, ['setosa', 'versicolor', 'größer'])));
    expect(shown).toEqual(expect.arrayContaining(['setosa', 'versicolor', 'größer', 'predicted', 'true']));
    // Nine cells, row by row: the true class downwards.
    expect(shown.filter((text) => /^\d+$/.test(text))).toEqual(['1', '0', '0', '0', '1', '1', '0', '0', '2']);
    expect(
      confusionMatrix(
        three,
        Array.from({ length: 31 }, (_, id) => id),
      ),
    ).toBeUndefined();
  });

  it('draws names that XML has no way to say', async () => {
    const shown = texts(await svgOf(confusionMatrix(three, ['a\u0001\u001b[31m', '<b>&', '\uffff'])));
    expect(shown).toEqual(expect.arrayContaining(['a\ufffd\ufffd[31m', '&lt;b&gt;&amp;', '\ufffd']));
  });

  it('shows a curve for each class, and one where there are two', async () => {
    expect(texts(await svgOf(rocCurves(three, ['a', 'b', 'c'])))).toEqual(
      expect.arrayContaining(['a', 'b', 'c', 'false positive rate', 'true positive rate']),
    );
    const two = scored([0, 1, 1, 0], [], [0.9, 0.1, 0.2, 0.8, 0.6, 0.4, 0.6, 0.4]);
    expect(rocPoints(two.truth, two.probabilities, 1, 2)).toEqual([[0, 0], [0, 0.5], [0.5, 1], [1, 1]]); // prettier-ignore
    const shown = texts(await svgOf(rocCurves(two, ['no', 'yes'])));
    expect(shown).toContain('yes');
    expect(shown).not.toContain('no');
  });

  it('says what each column counts, whatever its features', async () => {
    const importances = Float64Array.of(0.4, 0.1, 0.5);
    expect(columnImportances(encoder, importances)).toEqual([
      { column: 'colour', importance: 0.6 },
      { column: 'size', importance: 0.4 },
    ]);
    const shown = texts(await svgOf(featureImportance(encoder, importances)));
    expect(shown.filter((text) => ['colour', 'size'].includes(text))).toEqual(['colour', 'size']);
    expect(featureImportance(encoder, undefined)).toBeUndefined();
  });

  it('draws the steps of a fit, and nothing where there are none', async () => {
    const history = [1, 2, 3].flatMap((step) => [
      { key: 'train_loss', step, value: 1 / step },
      { key: 'fold_accuracy', step, value: 0.9 },
    ]);
    const shown = texts(await svgOf(learningCurve(history)));
    expect(shown).toContain('train_loss');
    expect(shown).not.toContain('fold_accuracy');
    expect(learningCurve([])).toBeUndefined();
  });

  it('writes SVG and PNG, with letters wherever it runs', async () => {
    const names = await writePlots([predictedValues(scored([1, 2, 3], [1.1, 2.2, 2.7]))], folder);
    expect(names).toEqual(['plots/predicted_values.svg', 'plots/predicted_values.png']);
    expect(await readFile(join(folder, names[0]), 'utf8')).toMatch(/^<svg/);
    const png = await readFile(join(folder, names[1]));
    expect([...png.subarray(0, 4)]).toEqual([0x89, 0x50, 0x4e, 0x47]);
    const { png: mute } = await renderPlot({ name: 'mute', spec: { mark: 'point', data: { values: [{}] }, width: 300, height: 60, title: '' } }); // prettier-ignore
    const { png: titled } = await renderPlot({ name: 'titled', spec: { mark: 'point', data: { values: [{}] }, width: 300, height: 60, title: 'Größe und Ähnliches' } }); // prettier-ignore
    expect(titled.length).toBeGreaterThan(mute.length + 500);
  });

  it('leaves out a picture that cannot be drawn', async () => {
    const broken: Plot = { name: 'broken', spec: { mark: 'no such mark' } };
    const names = await writePlots([broken, predictedValues(scored([1, 2], [1, 2]))], folder);
    expect(names).toEqual(['plots/predicted_values.svg', 'plots/predicted_values.png']);
  });
});
