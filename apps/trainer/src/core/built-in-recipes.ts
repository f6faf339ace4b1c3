import { recipes } from './learning/recipes.js';
import { RecipeCatalogue } from './recipe-catalogue.js';
import type { RecipeDeclaration } from './recipe-declaration.js';

export interface RecipeLimits {
  memoryBytes: number;
  diskBytes: number;
}

/** The recipes that are written in TypeScript, as a catalogue lists them. */
export const builtInRecipes = (limits: RecipeLimits): RecipeDeclaration[] =>
  Object.entries(recipes).map(([id, { title, prepare }]) => ({
    id,
    title,
    ...limits,
    readParameters: (given) => prepare(given).parameters,
  }));

/** Nothing but what is built in. */
export class BuiltInCatalogue extends RecipeCatalogue {
  private readonly declared: readonly RecipeDeclaration[];

  constructor(limits: RecipeLimits) {
    super();
    this.declared = builtInRecipes(limits);
  }

  recipes(): readonly RecipeDeclaration[] {
    return this.declared;
  }
}
