import type { Tag } from './paging.js';

/** MLflow keeps prompts among the registered models, told apart by this tag. */
export const PROMPT_TAG = 'mlflow.prompt.is_prompt';
/** Where a prompt's version keeps its text. */
export const PROMPT_TEXT_TAG = 'mlflow.prompt.text';

/** A prompt is text in tags: it has no files, is never frozen, announced or promoted. */
export const isPrompt = (tags: readonly Tag[]): boolean =>
  tags.findLast(({ key }) => key === PROMPT_TAG)?.value.toLowerCase() === 'true';
