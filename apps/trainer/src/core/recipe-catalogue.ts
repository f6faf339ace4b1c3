import { PlatformError } from '#runtime';
import type { RecipeDeclaration } from './recipe-declaration.js';

/** The recipes of this trainer: those that are built in and those declared on its disk. */
export abstract class RecipeCatalogue {
  abstract recipes(): readonly RecipeDeclaration[];

  /** @throws PlatformError RECIPE_UNKNOWN naming those there are. */
  find(id: string): RecipeDeclaration {
    const found = this.recipes().find((recipe) => recipe.id === id);
    if (found !== undefined) return found;
    const known = this.recipes().map((recipe) => recipe.id);
    throw new PlatformError('RECIPE_UNKNOWN', `There is no recipe "${id}"; the trainer has ${known.join(', ')}.`);
  }

  /** What the recipe declares; undefined for an unknown one, of which is told when it is to run. */
  memoryOf(id: string | undefined): number | undefined {
    return this.recipes().find((recipe) => recipe.id === id)?.memoryBytes;
  }
}
