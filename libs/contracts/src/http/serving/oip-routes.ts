import { z } from 'zod';
import type { HttpContent, HttpRoute } from '../http-route.js';
import { inPath, nameInPath } from '../route-parameters.js';
import {
  inferRequest,
  inferResponse,
  modelConfig,
  modelMetadata,
  modelReady,
  modelsList,
  modelStatistics,
  oipError,
  repositoryIndex,
  serverMetadata,
} from './oip.js';

const tag = 'Open Inference Protocol';
const model = 'IrisModel';
const versionInPath = inPath(
  'version',
  z.string(),
  'Number of the version: the promoted one, one that still drains, or a pinned one.',
);
const errorBody: HttpContent = {
  schema: oipError,
  example: { error: 'Input "x" has 3 values; shape [1, 4] needs 4.' },
};
const inputs = [{ name: 'features', datatype: 'FP32' as const, shape: [-1, 4] }];
const outputs = [{ name: 'label', datatype: 'INT64' as const, shape: [-1] }];
const statistics = {
  model_stats: [
    {
      ...{ name: model, version: '3', last_inference: 1_795_262_405_000, inference_count: 7, execution_count: 5 },
      inference_stats: { success: { count: 5, ns: 1_200_000 }, fail: { count: 0, ns: 0 } },
    },
  ],
};

/** A route of a model, and the same of one of its versions. */
const ofModel = (
  method: 'GET' | 'POST',
  end: string,
  route: Omit<HttpRoute, 'method' | 'path' | 'tag'>,
): HttpRoute[] => [
  { ...route, method, tag, errorBody, path: `/v2/models/{name}${end}`, parameters: [nameInPath] },
  {
    ...route,
    ...{ method, tag, errorBody },
    path: `/v2/models/{name}/versions/{version}${end}`,
    summary: `${route.summary}, of one version`,
    parameters: [nameInPath, versionInPath],
  },
];

const ready = z.object({ ready: z.boolean(), live: z.boolean(), reason: z.string().optional() });

const get = (path: string, summary: string, answers: HttpRoute['answers']): HttpRoute => ({
  ...{ method: 'GET', path, tag, summary, answers, errorBody },
});

const serverRoutes: readonly HttpRoute[] = [
  get('/v2', 'Show the server', {
    200: {
      description: 'Its name, version and extensions.',
      content: {
        schema: serverMetadata,
        example: { name: 'baton-predictor', version: '0.1.0', extensions: ['binary_tensor_data'] },
      },
    },
  }),
  get('/v2/health/live', 'Whether the server runs', {
    200: { description: 'It does.', content: { schema: z.object({ live: z.boolean() }), example: { live: true } } },
  }),
  get('/v2/health/ready', 'Whether the server is ready', {
    200: { description: 'It is.', content: { schema: ready, example: { ready: true, live: true } } },
    503: {
      description: 'It is not.',
      content: { schema: ready, example: { ready: false, live: true, reason: 'It is being loaded.' } },
    },
  }),
  get('/v2/models/stats', "Show all models' figures", {
    200: { description: 'The figures.', content: { schema: modelStatistics, example: statistics } },
  }),
  get('/v2/models', 'List the models', {
    200: { description: 'Their names.', content: { schema: modelsList, example: { models: [model] } } },
  }),
  {
    ...{ method: 'POST', path: '/v2/repository/index', tag, errorBody, summary: 'List models and their states' },
    body: [{ schema: z.object({ ready: z.boolean().optional() }), example: { ready: true } }],
    answers: {
      200: {
        description: 'A line per model.',
        content: { schema: repositoryIndex, example: [{ name: model, version: '3', state: 'READY', reason: '' }] },
      },
    },
  },
  ...['load', 'unload'].map((action): HttpRoute => ({
    ...{ method: 'POST', path: `/v2/repository/models/{name}/${action}`, tag, errorBody },
    summary: `Refused: promotions decide what is ${action}ed`,
    parameters: [nameInPath],
    answers: {},
    errors: ['CONFLICT'],
  })),
];

export const oipRoutes: readonly HttpRoute[] = [
  ...ofModel('POST', '/infer', {
    summary: 'Infer',
    description:
      'Tensors in, tensors out. Binary tensors follow the JSON, whose length `Inference-Header-Content-Length` tells then; `binary_data` asks for outputs in the same way.',
    body: [
      {
        schema: inferRequest,
        example: { inputs: [{ name: 'features', datatype: 'FP32', shape: [1, 4], data: [5.1, 3.5, 1.4, 0.2] }] },
      },
      { type: 'application/octet-stream', schema: z.string(), example: 'JSON, then the binary tensors' },
    ],
    answers: {
      200: {
        description: 'The outputs that were asked for.',
        content: {
          schema: inferResponse,
          example: {
            ...{ model_name: model, model_version: '3' },
            outputs: [{ name: 'label', datatype: 'INT64', shape: [1], data: [0] }],
          },
        },
      },
    },
    errors: ['CONTENT_TYPE_UNSUPPORTED'],
  }),
  ...ofModel('GET', '', {
    summary: 'Show a model',
    answers: {
      200: {
        description: 'Its versions and tensors.',
        content: {
          schema: modelMetadata,
          example: { name: model, versions: ['3'], platform: 'onnx_onnxv1', inputs, outputs },
        },
      },
    },
  }),
  ...ofModel('GET', '/ready', {
    summary: 'Whether a model can be asked',
    answers: {
      200: { description: 'It can.', content: { schema: modelReady, example: { name: model, ready: true } } },
    },
  }),
  ...ofModel('GET', '/config', {
    summary: "Show a model's limits as Triton's configuration",
    answers: {
      200: {
        description: 'The configuration.',
        content: { schema: modelConfig, example: { name: model, platform: 'onnxruntime_onnx', max_batch_size: 64 } },
      },
    },
  }),
  ...ofModel('GET', '/stats', {
    summary: "Show a model's figures as Triton's statistics",
    answers: { 200: { description: 'The figures.', content: { schema: modelStatistics, example: statistics } } },
  }),
  ...serverRoutes,
];
