import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '#runtime';
import type { Plot } from '../../core/plots/plot.js';

/** Writes each plot as SVG and PNG below `plots/` of a folder. Resolves to their names there. */
export const writePlots = async (plots: readonly Plot[], folder: string): Promise<string[]> => {
  if (plots.length === 0) return [];
  const names: string[] = [];
  for (const plot of plots) {
    try {
      // Late: it takes longer to load than a small model to train, and not every process draws. A platform may lack what is native in it.
      const { renderPlot } = await import('./render-plot.js');
      const { svg, png } = await renderPlot(plot);
      await mkdir(join(folder, 'plots'), { recursive: true });
      for (const [ending, content] of [
        ['svg', svg],
        ['png', png],
      ] as const) {
        await writeFile(join(folder, 'plots', `${plot.name}.${ending}`), content);
        names.push(`plots/${plot.name}.${ending}`);
      }
    } catch (error) {
      // A model is not given up for a picture of it; the log says what is missing.
      process.stderr.write(`The plot ${plot.name} could not be drawn: ${messageOf(error)}\n`);
    }
  }
  return names;
};
