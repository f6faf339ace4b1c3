import type { ErrorBody } from '#runtime/nest';

/** Below /v2 errors are said as the Open Inference Protocol says them: `{"error": "…"}`. */
export const oipError: ErrorBody = ({ url }, { detail }) =>
  /^\/v2(\/|\?|$)/.test(url) ? { body: { error: detail } } : undefined;
