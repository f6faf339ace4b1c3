import { messageOf, PlatformError, readSettings } from '#runtime';
import { PythonEnvironments } from './outbound/recipes/python-environments.js';
import { RecipeFolders } from './outbound/recipes/recipe-folders.js';

/** Makes the Python environments of all recipes, so that no request has to wait for pip: while an image is built, or before a trainer starts. */
const main = async (): Promise<void> => {
  const settings = readSettings();
  const catalogue = new RecipeFolders(settings.TRAINER_RECIPES_DIR, {
    memoryBytes: settings.TRAINER_RECIPE_MEMORY_BYTES,
    diskBytes: settings.TRAINER_RECIPE_DISK_BYTES,
  });
  const pythons = new PythonEnvironments({
    python: settings.TRAINER_PYTHON,
    directory: settings.TRAINER_ENVIRONMENTS_DIR,
  });
  const needed = new Set(catalogue.recipes().flatMap(({ external }) => external?.requirements ?? []));
  for (const requirements of needed) {
    const interpreter = await pythons.interpreter(requirements, () => undefined, new AbortController().signal);
    process.stdout.write(`${requirements}: ${interpreter}\n`);
  }
  if (needed.size === 0)
    process.stdout.write('No recipe below TRAINER_RECIPES_DIR names requirements: there is nothing to prepare.\n');
};

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof PlatformError ? error.detail : messageOf(error)}\n`);
  process.exitCode = 1;
}
