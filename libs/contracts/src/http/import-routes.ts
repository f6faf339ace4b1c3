import { z } from 'zod';
import type { HttpRoute } from './http-route.js';
import {
  importedExperiment,
  importedFiles,
  importedVersion,
  importExperiment,
  importLoggedModel,
  importMetrics,
  importModel,
  importRun,
  importVersion,
} from './imports.js';
import { inPath } from './route-parameters.js';

const path = '/api/v1/import';
const tag = 'Import';
const times = { creationTime: 1_700_000_000_000, lastUpdateTime: 1_700_000_001_000 };
const runId = '21d8fd650fab4f11ad3085b5d8dccc64';
const modelId = 'm-dda26c5cbf8e4318bc37310f8e2b211b';
const files = { schema: importedFiles, example: { artifactUri: `mlflow-artifacts:/1/${runId}/artifacts` } };
const nameInPath = inPath('name', z.string(), 'Name of the registered model.');
const runInPath = inPath('id', z.string(), 'Id of the run, as it was.');
const errors: HttpRoute['errors'] = ['REQUEST_INVALID', 'CONFLICT'];

/** `baton import` writes by these. What they take may be written again; another thing of the same id is a CONFLICT. */
export const importRoutes: HttpRoute[] = [
  {
    method: 'PUT',
    path: `${path}/experiments/{id}`,
    tag,
    summary: 'Import an experiment',
    description:
      'It keeps its id when that is free, else it gets a new one. Name and time of creation tell it from others.',
    parameters: [inPath('id', z.string(), 'The id it had.')],
    body: [{ schema: importExperiment, example: { ...times, name: 'iris' } }],
    answers: {
      200: {
        description: 'What it is here.',
        content: {
          schema: importedExperiment,
          example: { experimentId: '1', artifactLocation: 'mlflow-artifacts:/1' },
        },
      },
    },
    errors,
  },
  {
    method: 'PUT',
    path: `${path}/runs/{id}`,
    tag,
    summary: 'Import a run',
    description: 'With params, tags, inputs and outputs. A run that has ended here is left as it is.',
    parameters: [runInPath],
    body: [
      {
        schema: importRun,
        example: {
          experimentId: '1',
          runName: 'first',
          userId: 'me',
          status: 'FINISHED',
          startTime: times.creationTime,
          endTime: times.lastUpdateTime,
          params: [{ key: 'lr', value: '0.1' }],
        },
      },
    ],
    answers: { 200: { description: 'Where its files belong.', content: files } },
    errors: ['REQUEST_INVALID', 'CONFLICT', 'NOT_FOUND'],
  },
  {
    method: 'POST',
    path: `${path}/runs/{id}/metrics`,
    tag,
    summary: 'Import points of metrics',
    description: 'Points that are there already are left as they are.',
    parameters: [runInPath],
    body: [
      {
        schema: importMetrics,
        example: { metrics: [{ key: 'loss', value: 0.5, timestamp: times.creationTime, step: 1 }] },
      },
    ],
    answers: { 204: { description: 'They are there.' } },
    errors: ['REQUEST_INVALID', 'NOT_FOUND'],
  },
  {
    method: 'PUT',
    path: `${path}/logged-models/{id}`,
    tag,
    summary: 'Import a logged model',
    parameters: [inPath('id', z.string(), 'Id of the logged model, as it was.')],
    body: [
      {
        schema: importLoggedModel,
        example: {
          ...times,
          experimentId: '1',
          name: 'model',
          modelType: null,
          sourceRunId: runId,
          status: 'LOGGED_MODEL_READY',
          statusMessage: null,
        },
      },
    ],
    answers: { 200: { description: 'Where its files belong.', content: files } },
    errors: ['REQUEST_INVALID', 'CONFLICT', 'NOT_FOUND'],
  },
  {
    method: 'PUT',
    path: `${path}/models/{name}`,
    tag,
    summary: 'Import a registered model',
    parameters: [nameInPath],
    body: [{ schema: importModel, example: { ...times, description: null } }],
    answers: { 204: { description: 'It is there.' } },
    errors,
  },
  {
    method: 'PUT',
    path: `${path}/models/{name}/versions/{version}`,
    tag,
    summary: 'Import a version of a registered model',
    description:
      'Its files are there before it, and are frozen. Stage and aliases are labels: nothing is said or promoted.',
    parameters: [nameInPath, inPath('version', z.string(), 'Its number, as it was.')],
    body: [
      {
        schema: importVersion,
        example: {
          ...times,
          description: null,
          userId: null,
          stage: 'Production',
          status: 'READY',
          statusMessage: null,
          source: `models:/${modelId}`,
          storageLocation: `mlflow-artifacts:/1/models/${modelId}/artifacts`,
          runId,
          runLink: null,
          modelId,
          aliases: ['champion'],
        },
      },
    ],
    answers: {
      200: {
        description: 'Whether it can be served.',
        content: { schema: importedVersion, example: { version: 3, servable: true, notServableReason: null } },
      },
    },
    errors: ['REQUEST_INVALID', 'CONFLICT', 'MODEL_NOT_FOUND'],
  },
];
