/** Which version answers; on every answer, errors of that version included. */
export const VERSION_HEADER = 'x-model-version';
