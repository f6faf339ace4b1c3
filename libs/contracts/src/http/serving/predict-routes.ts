import { z } from 'zod';
import type { HttpRoute } from '../http-route.js';
import { inQuery, nameInPath } from '../route-parameters.js';
import {
  health,
  modelInfo,
  predictAnswer,
  predictRequest,
  scoringAnswer,
  scoringError,
  scoringRequest,
  servedModels,
  welcome,
} from './predicting.js';

const proba = inQuery('proba', z.boolean().default(false), 'Answer probabilities beside the predictions.');
const records = [{ sepal_length: 5.1, sepal_width: 3.5, petal_length: 1.4, petal_width: 0.2 }];
const which = { model_name: 'IrisModel', model_version: '3' };
const frame = {
  dataframe_split: { columns: ['sepal length (cm)', 'petal length (cm)'], data: [[5.1, 1.4]] },
};
const csv = '"sepal length (cm)","petal length (cm)"\n5.1,1.4\n';
const tag = 'Predictions';
const scoring = 'MLflow';

const predict: Omit<HttpRoute, 'path' | 'summary'> = {
  method: 'POST',
  tag,
  description:
    'A list of records in, one prediction per record out. Every column that the model requires must be there; one that it does not require may be null or left out.',
  parameters: [proba],
  body: [{ schema: predictRequest, example: records }],
  answers: {
    200: {
      description: 'The predictions.',
      content: { schema: predictAnswer, example: { predictions: [0], ...which } },
    },
  },
  errors: ['CONTENT_TYPE_UNSUPPORTED'],
};

const invocations: Omit<HttpRoute, 'path' | 'summary'> = {
  method: 'POST',
  tag: scoring,
  description:
    'What `mlflow models serve` takes: `dataframe_split`, `dataframe_records`, `instances` or `inputs` as JSON, or CSV with a line of names. Bare `NaN` is taken; `params` are not looked at.',
  body: [
    { schema: scoringRequest, example: frame },
    { type: 'text/csv', schema: z.string(), example: csv },
  ],
  answers: {
    200: {
      description: 'The predictions.',
      content: { schema: scoringAnswer, example: { predictions: [0], ...which } },
    },
  },
  errors: ['CONTENT_TYPE_UNSUPPORTED'],
  errorBody: {
    schema: scoringError,
    example: { error_code: 'BAD_REQUEST', message: 'Row 0: the column "a" must be a number, not "x".' },
  },
};

const info = {
  ...{ model_name: 'IrisModel', stage: 'Production', version: '3', run_id: 'a1b2', model_uri: 'models:/IrisModel/3' },
  ...{ generation: 5, cause: 'request', promoted_at: '2026-11-21T12:00:05.000Z', promoted_by: 'api', reason: 'better' },
  ...{ sha256: '0'.repeat(64), size_bytes: 68_000, predictor_id: 'predictor-1', since: '2026-11-21T12:00:05.100Z' },
  signature: {
    inputs: [{ name: 'features', datatype: 'FP32', shape: [-1, 4] }],
    outputs: [{ name: 'label', datatype: 'INT64', shape: [-1] }],
  },
  ...{ status: 'serving', target: { version: '3', generation: 5 } },
};

const modelInfoAnswer = {
  200: { description: 'What serves, and what should.', content: { schema: modelInfo, example: info } },
};

const wellness: Omit<HttpRoute, 'path' | 'summary'> = {
  method: 'GET',
  tag: 'Operation',
  answers: { 200: { description: 'It is well.', content: { schema: health, example: { status: 'ok' } } } },
};

/** The plain way to ask, MLflow's way, and what the predictor says of itself. */
export const predictRoutes: readonly HttpRoute[] = [
  { ...predict, path: '/predict', summary: 'Predict by the default model' },
  { ...predict, path: '/models/{name}/predict', summary: 'Predict', parameters: [nameInPath, proba] },
  { ...invocations, path: '/invocations', summary: 'Score by the default model' },
  { ...invocations, path: '/models/{name}/invocations', summary: 'Score', parameters: [nameInPath] },
  {
    method: 'GET',
    path: '/ping',
    tag: scoring,
    summary: 'Whether requests can be answered',
    answers: {
      200: { description: 'They can.', content: { schema: z.string(), example: '\n' } },
      503: { description: 'They can not yet.', content: { schema: z.string(), example: '\n' } },
    },
  },
  {
    method: 'GET',
    path: '/version',
    tag: scoring,
    summary: 'The release of MLflow whose scoring protocol this is',
    answers: {
      200: { description: 'Its number.', content: { type: 'text/plain', schema: z.string(), example: '3.17.2' } },
    },
  },
  {
    method: 'GET',
    path: '/',
    tag: 'Models',
    summary: 'Where one begins',
    answers: {
      200: {
        description: 'How to ask, and the models.',
        content: {
          schema: welcome,
          example: { message: 'POST /predict takes a list of records.', models: ['IrisModel'] },
        },
      },
    },
  },
  {
    method: 'GET',
    path: '/models',
    tag: 'Models',
    summary: 'List the models',
    answers: {
      200: {
        description: 'Every model that is meant to be served here.',
        content: {
          schema: servedModels,
          example: {
            models: [{ name: 'IrisModel', version: '3', generation: 5, status: 'serving', target: info.target }],
          },
        },
      },
    },
  },
  { method: 'GET', path: '/model-info', tag: 'Models', summary: 'Show the default model', answers: modelInfoAnswer },
  {
    method: 'GET',
    path: '/models/{name}/info',
    tag: 'Models',
    summary: 'Show a model',
    parameters: [nameInPath],
    answers: modelInfoAnswer,
  },
  { ...wellness, path: '/health', summary: 'How it is' },
  { ...wellness, path: '/health/live', summary: 'Whether it runs' },
  {
    ...wellness,
    path: '/health/ready',
    summary: 'Whether it is ready',
    answers: {
      ...wellness.answers,
      503: { description: 'It is not ready.', content: { schema: health, example: { status: 'not ready' } } },
    },
  },
  {
    method: 'GET',
    path: '/metrics',
    tag: 'Operation',
    summary: 'Metrics for Prometheus',
    answers: {
      200: {
        description: 'Its text format.',
        content: { type: 'text/plain', schema: z.string(), example: '# HELP …' },
      },
    },
  },
];
