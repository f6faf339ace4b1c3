import { PROMPT_TAG } from '../prompts.js';
import type { Clause, Filter } from './clauses.js';

/**
 * Prompts are left out of a search unless it asks for them, and then nothing else is found. A model without the tag is no
 * prompt, so clauses that ask for models say nothing more: MLflow's client adds one to every search.
 */
export const promptsOf = (filter: Filter): { prompts: boolean; rest: Filter } => {
  const first = filter.find(isOnPrompts);
  const prompts = first !== undefined && asksForPrompts(first);
  return { prompts, rest: prompts ? filter : filter.filter((clause) => !isOnPrompts(clause)) };
};

const isOnPrompts = ({ entity, key }: Clause): boolean => entity === 'tag' && key === PROMPT_TAG;

const asksForPrompts = ({ test }: Clause): boolean => {
  if (test.type !== 'text') return false;
  const value = test.value.toLowerCase();
  return (test.operator === '=' && value === 'true') || (test.operator === '!=' && value === 'false');
};
