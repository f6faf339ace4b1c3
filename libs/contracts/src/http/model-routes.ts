import { z } from 'zod';
import { modelVersion } from '../model-ref.js';
import { fleetView } from './fleet.js';
import type { HttpRoute } from './http-route.js';
import { modelDetail, modelsPage, modelVersionDetail, servableAnswer } from './models.js';
import { putServable } from './promotions.js';
import { inPath, inQuery, limitInQuery, nameInPath, pageToken } from './route-parameters.js';

const agreement = { pointer: 2, production: [2], champion: 2, agree: true, differs: null };
const model = {
  name: 'IrisModel',
  description: null,
  createdAt: '2026-11-20T08:00:00.000Z',
  updatedAt: '2026-11-21T12:00:05.000Z',
  aliases: { champion: 2 },
  promoted: { version: 2, generation: 5 },
  pending: null,
  agreement,
};
const sha256 = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';
const version = {
  version: 2,
  stage: 'Production',
  aliases: ['champion'],
  runId: '6f2b1c0d9e8f4a7b8c6d5e4f3a2b1c0d',
  source: 'models:/m-0a1b2c3d4e5f60718293a4b5c6d7e8f9',
  origin: 'client',
  requestId: null,
  servable: true,
  artifact: { key: `sha256/${sha256}`, sha256, sizeBytes: 41_377 },
  signature: {
    inputs: [{ name: 'features', datatype: 'FP32', shape: [-1, 4] }],
    outputs: [{ name: 'probabilities', datatype: 'FP32', shape: [-1, 3] }],
  },
  createdAt: '2026-11-21T12:00:04.000Z',
  policyDecision: null,
};

export const modelRoutes: HttpRoute[] = [
  {
    method: 'GET',
    path: '/api/v1/models',
    tag: 'Models',
    summary: 'List registered models by name',
    parameters: [limitInQuery(100, 1000), pageToken],
    answers: {
      200: {
        description: 'A page of models, each with what is promoted.',
        content: { schema: modelsPage, example: { models: [model], nextPageToken: null } },
      },
    },
    errors: ['REQUEST_INVALID'],
  },
  {
    method: 'GET',
    path: '/api/v1/models/{name}',
    tag: 'Models',
    summary: 'Show one model and its versions',
    parameters: [nameInPath],
    answers: {
      200: {
        description: 'The model with its versions, the newest first.',
        content: { schema: modelDetail, example: { ...model, versions: [version] } },
      },
    },
    errors: ['MODEL_NOT_FOUND'],
  },
  {
    method: 'GET',
    path: '/api/v1/models/{name}/versions/{version}',
    tag: 'Models',
    summary: 'Show one version',
    description:
      'With all that is needed to serve it; predictors ask for the versions that are pinned by PREDICTOR_PINNED.',
    parameters: [nameInPath, inPath('version', modelVersion, 'Number of the version.')],
    answers: {
      200: {
        description: 'The version.',
        content: {
          schema: modelVersionDetail,
          example: {
            model: 'IrisModel',
            ...version,
            inputExample: { dataframe_split: { columns: ['petal length (cm)'], data: [[1.4]] } },
          },
        },
      },
    },
    errors: ['VERSION_NOT_FOUND', 'REQUEST_INVALID'],
  },
  {
    method: 'PUT',
    path: '/api/v1/models/{name}/versions/{version}/servable',
    tag: 'Models',
    summary: 'Give a version its ONNX file',
    description:
      'For a version that was registered without one (a pickle, a TensorFlow model). A promotion that waited for the file takes place. The same file again changes nothing; another one, or other columns, are refused.',
    parameters: [
      nameInPath,
      inPath('version', modelVersion, 'Number of the version.'),
      inQuery(
        'columns',
        z.string(),
        'With the file itself as body: the columns of the input as JSON, `[{"name":"x","type":"double"}]`.',
      ),
    ],
    body: [
      { schema: putServable, example: { path: 'onnx/model.onnx' } },
      {
        type: 'application/octet-stream',
        schema: z.string().meta({ format: 'binary', description: 'The ONNX file itself.' }),
      },
    ],
    answers: {
      200: {
        description: 'The version as it is now.',
        content: { schema: servableAnswer, example: { model: 'IrisModel', ...version, promotion: null } },
      },
    },
    errors: [
      'MODEL_NOT_FOUND',
      'VERSION_NOT_FOUND',
      'ARTIFACT_NOT_FOUND',
      'MODEL_FILE_INVALID',
      'CONFLICT',
      'STORE_UNAVAILABLE',
    ],
  },
  {
    method: 'GET',
    path: '/api/v1/fleet',
    tag: 'Fleet',
    summary: 'Show what every predictor serves',
    description: 'The last word of every replica on every model. A replica that was not heard for 30 s is `lost`.',
    answers: {
      200: {
        description: 'One entry for each replica and model.',
        content: {
          schema: fleetView,
          example: {
            replicas: [
              {
                predictorId: 'predictor-7c9f',
                model: 'IrisModel',
                state: 'serving',
                active: { version: 2, generation: 5 },
                target: { version: 2, generation: 5 },
                since: '2026-11-21T12:00:05.000Z',
                at: '2026-11-21T12:03:05.000Z',
                url: 'http://predictor:8000',
                swapMs: 38,
                lost: false,
              },
            ],
          },
        },
      },
    },
  },
];
