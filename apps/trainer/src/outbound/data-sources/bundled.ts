import { createRequire } from 'node:module';
import { PlatformError } from '#runtime';

const bundled: Record<string, string> = { iris: '#trainer/data/iris.csv' };

/**
 * The path of a data set that comes with Baton.
 * @throws PlatformError DATASET_INVALID naming those there are.
 */
export const bundledPath = (name: string): string => {
  if (!Object.hasOwn(bundled, name))
    throw new PlatformError(
      'DATASET_INVALID',
      `There is no bundled data set "${name}", only ${Object.keys(bundled).join(', ')}; others need a URI such as https://… or s3://….`,
    );
  return createRequire(import.meta.url).resolve(bundled[name]);
};
