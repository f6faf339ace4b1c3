import type { ErrorCode } from '#contracts';
import { PlatformError } from '#runtime';
import type { ErrorBody } from '#runtime/nest';
import { classificationOf } from './error-classification.js';

interface MlflowError {
  status: number;
  code: string;
}

/** Our codes in MLflow's words; what is missing here is an INTERNAL_ERROR or keeps its status. */
const words: Partial<Record<ErrorCode, MlflowError>> = {
  REQUEST_INVALID: { status: 400, code: 'INVALID_PARAMETER_VALUE' },
  PAYLOAD_TOO_LARGE: { status: 413, code: 'INVALID_PARAMETER_VALUE' },
  NOT_FOUND: { status: 404, code: 'RESOURCE_DOES_NOT_EXIST' },
  MODEL_NOT_FOUND: { status: 404, code: 'RESOURCE_DOES_NOT_EXIST' },
  VERSION_NOT_FOUND: { status: 404, code: 'RESOURCE_DOES_NOT_EXIST' },
  ARTIFACT_NOT_FOUND: { status: 404, code: 'RESOURCE_DOES_NOT_EXIST' },
  ALREADY_EXISTS: { status: 400, code: 'RESOURCE_ALREADY_EXISTS' },
  ATTEMPT_SUPERSEDED: { status: 403, code: 'PERMISSION_DENIED' },
  CONFLICT: { status: 409, code: 'RESOURCE_CONFLICT' },
  VERSION_NOT_SERVABLE: { status: 409, code: 'RESOURCE_CONFLICT' },
  STORE_UNAVAILABLE: { status: 503, code: 'TEMPORARILY_UNAVAILABLE' },
  DATABASE_UNAVAILABLE: { status: 503, code: 'TEMPORARILY_UNAVAILABLE' },
  BUS_UNAVAILABLE: { status: 503, code: 'TEMPORARILY_UNAVAILABLE' },
};

/** Thrown where MLflow has a code that we have no other use for. */
export class MlflowOnlyError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

const mlflowRoute = /^\/((ajax-)?api\/\d+\.0\/mlflow|(model-versions\/)?get-artifact(\?|$))/;

/** Answers errors of MLflow's routes as its clients read them; everything else stays problem+json. */
export const mlflowErrorBody: ErrorBody = (request, problem, error) => {
  if (!mlflowRoute.test(request.url)) return undefined;
  if (error instanceof MlflowOnlyError) return answer(error, error.message);
  // The router's own 404: clients fall back to older routes on this code.
  if (problem.status === 404 && !(error instanceof PlatformError))
    return answer({ status: 404, code: 'ENDPOINT_NOT_FOUND' }, `No such endpoint: ${request.method} ${request.url}`);
  const said = words[problem.code as ErrorCode] ?? fallback(problem.status);
  return answer(said, problem.detail);
};

const fallback = (status: number): MlflowError =>
  status < 500 ? { status, code: 'BAD_REQUEST' } : { status: 500, code: 'INTERNAL_ERROR' };

const answer = ({ status, code }: MlflowError, message: string) => ({
  status,
  body: { error_code: code, message, ...classificationOf(code) },
});

/** What MLflow leaves to its database to refuse, and answers without a code of its own. */
export const asBadRequest = async <T>(work: Promise<T>): Promise<T> => {
  try {
    return await work;
  } catch (error) {
    if (error instanceof PlatformError && error.code === 'ALREADY_EXISTS')
      throw new MlflowOnlyError(400, 'BAD_REQUEST', error.detail);
    throw error;
  }
};
