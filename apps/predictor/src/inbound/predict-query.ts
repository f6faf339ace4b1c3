import { PlatformError } from '#runtime';

/** `?proba=…` of `POST /predict`. @throws PlatformError INPUT_INVALID when it is neither true nor false. */
export const wantsProbabilities = (proba: unknown): boolean => {
  if (proba === undefined || proba === 'false' || proba === '0') return false;
  if (proba === 'true' || proba === '1' || proba === '') return true;
  throw new PlatformError('INPUT_INVALID', `proba must be true or false, not ${JSON.stringify(proba)}.`);
};
