import { readdir, rm, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { writePlots } from './write-plots.js';

vi.mock('./render-plot.js', () => {
  throw new Error('Cannot find native binding');
});

it('gives up pictures, not the model, where nothing can draw', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'baton-plots-'));
  try {
    expect(await writePlots([{ name: 'roc', spec: {} }], folder)).toEqual([]);
    expect(await readdir(folder)).toEqual([]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
