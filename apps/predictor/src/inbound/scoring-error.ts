import type { Problem } from '#contracts';
import type { ErrorBody } from '#runtime/nest';

/** MLflow's words for what went wrong; its clients read the message, its code and, first of all, the status. */
const wordOf = ({ status }: Problem): string => {
  if (status === 404) return 'RESOURCE_DOES_NOT_EXIST';
  if (status === 503) return 'TEMPORARILY_UNAVAILABLE';
  if (status === 504) return 'DEADLINE_EXCEEDED';
  return status < 500 ? 'BAD_REQUEST' : 'INTERNAL_ERROR';
};

/** Errors of scoring requests are said as `mlflow models serve` says them: `{"error_code": "…", "message": "…"}`. */
export const scoringError: ErrorBody = ({ url }, problem) =>
  /^(\/models\/[^/]+)?\/invocations(\?|$)/.test(url)
    ? { body: { error_code: wordOf(problem), message: problem.detail } }
    : undefined;
