import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { messageOf, PlatformError } from '#runtime';
import { builtInRecipes, type RecipeLimits } from '../../core/built-in-recipes.js';
import { RecipeCatalogue } from '../../core/recipe-catalogue.js';
import type { RecipeDeclaration } from '../../core/recipe-declaration.js';
import { readRecipeFile } from './recipe-file.js';

/**
 * What is built in, and every folder directly below `directory` that holds a `recipe.yaml`. Read once: what a request may
 * run changes with a restart, not under it.
 */
export class RecipeFolders extends RecipeCatalogue {
  private readonly declared: readonly RecipeDeclaration[];

  /** @throws PlatformError CONFIGURATION_INVALID naming every folder that can't be read and why. */
  constructor(directory: string | undefined, limits: RecipeLimits) {
    super();
    const faults: string[] = [];
    const declared = builtInRecipes(limits);
    for (const folder of directory === undefined ? [] : foldersIn(directory)) {
      try {
        const recipe = readRecipeFile(readFileSync(join(folder, 'recipe.yaml'), 'utf8'), folder, limits);
        if (declared.some(({ id }) => id === recipe.id)) throw new Error(`there is a recipe "${recipe.id}" already`);
        declared.push(recipe);
      } catch (error) {
        faults.push(`${folder}/recipe.yaml: ${messageOf(error)}`);
      }
    }
    if (faults.length > 0)
      throw new PlatformError('CONFIGURATION_INVALID', `Mend these recipes: ${faults.join('; ')}.`);
    this.declared = declared;
  }

  recipes(): readonly RecipeDeclaration[] {
    return this.declared;
  }
}

const foldersIn = (directory: string): string[] => {
  try {
    return readdirSync(directory, { withFileTypes: true })
      .filter((entry) => !entry.name.startsWith('.'))
      .map((entry) => resolve(directory, entry.name))
      .filter(hasRecipe)
      .sort();
  } catch (error) {
    throw new PlatformError('CONFIGURATION_INVALID', `TRAINER_RECIPES_DIR cannot be read: ${messageOf(error)}`);
  }
};

/** A link to a folder is a folder. */
const hasRecipe = (folder: string): boolean => {
  try {
    return readdirSync(folder).includes('recipe.yaml');
  } catch {
    return false;
  }
};
