import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Resvg } from '@resvg/resvg-js';
import { parse, View } from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';
import type { Plot } from '../../core/plots/plot.js';

export interface RenderedPlot {
  svg: string;
  png: Uint8Array;
}

/** Twice the size of the drawing: sharp on the screens of today. */
const ZOOM = 2;

/** Draws a plot without a browser. Text is set in DejaVu Sans, which comes with Baton: a container may have no fonts. */
export const renderPlot = async ({ spec }: Plot): Promise<RenderedPlot> => {
  const view = new View(parse(compile(spec as unknown as TopLevelSpec).spec), { renderer: 'none' });
  try {
    const svg = legible(await view.toSVG());
    const png = new Resvg(svg, {
      fitTo: { mode: 'zoom', value: ZOOM },
      font: { loadSystemFonts: false, fontFiles: fontFiles(), defaultFontFamily: 'DejaVu Sans' },
    })
      .render()
      .asPng();
    return { svg, png };
  } finally {
    view.finalize();
  }
};

/** XML has no way to say these characters, which names of classes may hold. */
const legible = (svg: string): string =>
  svg.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd').toWellFormed();

const fontFiles = (): string[] => {
  const folder = join(dirname(createRequire(import.meta.url).resolve('dejavu-fonts-ttf/package.json')), 'ttf');
  return ['DejaVuSans.ttf', 'DejaVuSans-Bold.ttf'].map((name) => join(folder, name)).filter((path) => existsSync(path));
};
