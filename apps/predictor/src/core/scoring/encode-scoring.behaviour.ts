import type { ModelSignature } from '#contracts';
import { PlatformError } from '#runtime';
import { compileScoring } from './encode-scoring.js';
import { readScoring } from './scoring-input.js';

/** The elements of each tensor that a body becomes. */
export const data = (signature: ModelSignature, body: unknown): unknown[] =>
  compileScoring(signature)(readScoring(body).input).map((tensor) => Array.from<unknown>(tensor.data));
/** Why it becomes none. */
export const refusal = (signature: ModelSignature, body: unknown): string => {
  try {
    data(signature, body);
  } catch (error) {
    if (error instanceof PlatformError && error.code === 'INPUT_INVALID') return error.detail;
    throw error;
  }
  return 'accepted';
};
