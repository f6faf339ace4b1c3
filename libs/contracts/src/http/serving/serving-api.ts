import type { ErrorCode } from '../../error-codes.js';
import { describeApi, type Components, type OpenApi } from '../describe-api.js';
import type { HttpRoute } from '../http-route.js';
import {
  inferInput,
  inferOutput,
  inferRequest,
  inferResponse,
  modelConfig,
  modelMetadata,
  modelStatistics,
  oipError,
  repositoryIndex,
} from './oip.js';
import { oipRoutes } from './oip-routes.js';
import {
  modelInfo,
  predictAnswer,
  predictRequest,
  scoringAnswer,
  scoringError,
  scoringRequest,
  servedModels,
} from './predicting.js';
import { predictRoutes } from './predict-routes.js';

/** Every route of the predictor; a test holds the predictor to it, both ways. */
export const servingRoutes: readonly HttpRoute[] = [...predictRoutes, ...oipRoutes];

/** What may keep any prediction from being answered. */
const predicting: readonly ErrorCode[] = [
  ...(['INPUT_INVALID', 'PAYLOAD_TOO_LARGE', 'NO_MODEL_PROMOTED', 'MODEL_NOT_READY', 'MODEL_RETIRED'] as const),
  ...(['WORKER_LOST', 'QUEUE_FULL', 'ANSWER_TIMED_OUT'] as const),
];
/** And what shows a model. */
const showing: readonly ErrorCode[] = ['NO_MODEL_PROMOTED', 'MODEL_NOT_READY', 'MODEL_RETIRED', 'WORKER_LOST'];

/** The codes that a route of the predictor can answer. */
export const servingErrorsOf = ({ method, path, parameters = [], errors = [] }: HttpRoute): ErrorCode[] => {
  const named = parameters.some(({ name }) => name === 'name');
  const versioned = parameters.some(({ name }) => name === 'version');
  return [
    ...new Set<ErrorCode>([
      ...errors,
      ...(method === 'POST' && !path.startsWith('/v2/repository') ? predicting : []),
      ...(method === 'GET' && (named || path === '/model-info') ? showing : []),
      ...(named && !path.startsWith('/v2/repository') ? (['MODEL_NOT_FOUND'] as const) : []),
      ...(versioned ? (['VERSION_NOT_FOUND'] as const) : []),
      ...(path.startsWith('/v2/repository') ? (['INPUT_INVALID', 'PAYLOAD_TOO_LARGE'] as const) : []),
      'INTERNAL',
    ]),
  ];
};

const components: Components = {
  input: {
    PredictRequest: predictRequest,
    ScoringRequest: scoringRequest,
    InferRequest: inferRequest,
    InferInput: inferInput,
  },
  output: {
    PredictAnswer: predictAnswer,
    ScoringAnswer: scoringAnswer,
    ScoringError: scoringError,
    ServedModels: servedModels,
    ModelInfo: modelInfo,
    InferResponse: inferResponse,
    InferOutput: inferOutput,
    ModelMetadata: modelMetadata,
    ModelConfig: modelConfig,
    ModelStatistics: modelStatistics,
    RepositoryIndex: repositoryIndex,
    OipError: oipError,
  },
};

const chapters = [
  ['Predictions', 'The plain way to ask: records in, predictions out.'],
  ['MLflow', "MLflow's scoring protocol; code written for `mlflow models serve` works."],
  [
    'Open Inference Protocol',
    'Version 2, with its repository, configuration and statistics extensions. The same is spoken over gRPC.',
  ],
  ['Models', 'What is served here.'],
  ['Operation', 'Health and metrics.'],
] as const;

/** OpenAPI 3.1 of the predictor, whatever it serves; or of a part of its routes. */
export const servingApi = (routes: readonly HttpRoute[] = servingRoutes, title = 'Baton predictor'): OpenApi =>
  describeApi({
    title,
    description:
      'Predictions by every protocol that the predictor speaks over HTTP. Each answer tells the version that made it in `x-model-version` too. Errors are problems (RFC 9457) whose `code` is stable, or what the protocol has for them; docs/errors.md lists all.',
    server: 'The predictor that gave this page.',
    prefix: '',
    routes,
    components: routes === servingRoutes ? components : { input: {}, output: {} },
    errorsOf: servingErrorsOf,
    chapters,
  });
