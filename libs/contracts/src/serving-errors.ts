import type { ErrorTraits } from './error-traits.js';

/** What can keep a prediction from being answered. */
export const servingErrors = {
  INPUT_INVALID: {
    status: 400,
    retryable: false,
    fault: 'dead-letter',
    level: 'info',
    sentence: 'A prediction input has the wrong shape, type or features.',
  },
  NO_MODEL_PROMOTED: {
    status: 503,
    retryable: true,
    fault: 'retry',
    level: 'info',
    sentence: 'No model has been promoted yet.',
  },
  MODEL_NOT_READY: {
    status: 503,
    retryable: true,
    fault: 'retry',
    level: 'info',
    sentence: 'The model is promoted but not loaded yet.',
  },
  WORKER_LOST: {
    status: 503,
    retryable: true,
    fault: 'retry',
    level: 'error',
    sentence: 'The worker that ran the model ended; send the request again.',
  },
  QUEUE_FULL: {
    status: 503,
    retryable: true,
    fault: 'retry',
    level: 'info',
    sentence: 'More requests wait for this model than its queue takes; try again later.',
  },
  ANSWER_TIMED_OUT: {
    status: 504,
    retryable: true,
    fault: 'retry',
    level: 'warn',
    sentence: 'The model did not answer within its time limit.',
  },
  CLIENT_GONE: {
    status: 499,
    retryable: false,
    fault: 'dead-letter',
    level: 'info',
    sentence: 'The client hung up before its answer.',
  },
  CONTENT_TYPE_UNSUPPORTED: {
    status: 415,
    retryable: false,
    fault: 'dead-letter',
    level: 'info',
    sentence: 'The content type of the body is none that this route takes.',
  },
} as const satisfies Record<string, ErrorTraits>;
