import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { PlatformError } from '#runtime';
import type { FetchedData } from '../../core/data-sources.js';

/** The data sets that come with Baton; apps/trainer/data/README.md names their sources. */
export const bundledNames = ['iris', 'wine', 'breast-cancer', 'diabetes'] as const;

/**
 * A data set that comes with Baton.
 * @throws PlatformError DATASET_INVALID naming those there are.
 */
export const bundledData = async (name: string): Promise<FetchedData> => {
  const path = bundledPath(name);
  const bytes = await readFile(path);
  return {
    path,
    format: 'csv',
    sha256: createHash('sha256').update(bytes).digest('hex'),
    sizeBytes: bytes.byteLength,
  };
};

export const bundledPath = (name: string): string => {
  if (!bundledNames.some((known) => known === name))
    throw new PlatformError(
      'DATASET_INVALID',
      `There is no bundled data set "${name}", only ${bundledNames.join(', ')}; others need a URI such as https://… or s3://….`,
    );
  return createRequire(import.meta.url).resolve(`#trainer/data/${name}.csv`);
};
