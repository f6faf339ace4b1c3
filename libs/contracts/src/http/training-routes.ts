import { z } from 'zod';
import type { HttpRoute } from './http-route.js';
import { inPath, inQuery, limitInQuery } from './route-parameters.js';
import {
  attemptView,
  postAttempt,
  postTrainingRequest,
  trainingRequestList,
  trainingRequestState,
  trainingRequestView,
} from './training-requests.js';

const path = '/api/v1/training-requests';
const tag = 'Training requests';
const id = inPath('id', z.uuid(), 'Id of the request, as its making answered it.');

const example = {
  id: '0f0e2f3a-4c7b-5d8e-9a1b-2c3d4e5f6a7b',
  model: 'IrisModel',
  recipe: 'random-forest',
  preset: null,
  priority: 0,
  parameters: { n_estimators: 100 },
  source: '/baton/registry',
  state: 'succeeded',
  attempt: 1,
  message: '',
  progress: { step: 100, of: 100 },
  runId: '6f2b1c0d9e8f4a7b8c6d5e4f3a2b1c0d',
  version: 3,
  metrics: { accuracy: 0.97 },
  error: null,
  requestedAt: '2026-11-21T12:00:00.000Z',
  endedAt: '2026-11-21T12:00:04.000Z',
};
const queued = {
  ...example,
  state: 'queued',
  attempt: 0,
  progress: null,
  runId: null,
  version: null,
  metrics: {},
  endedAt: null,
};

export const trainingRoutes: HttpRoute[] = [
  {
    method: 'POST',
    path,
    tag,
    summary: 'Ask for a training',
    description:
      'Writes `training.requested` on the bus; a trainer takes it from there. The same event from any other producer is listed here as well.',
    body: [
      {
        schema: postTrainingRequest,
        example: { model: 'IrisModel', recipe: 'random-forest', parameters: { n_estimators: 100 } },
      },
    ],
    answers: {
      202: { description: 'The request was taken.', content: { schema: trainingRequestView, example: queued } },
    },
  },
  {
    method: 'GET',
    path,
    tag,
    summary: 'List training requests, the newest first',
    parameters: [
      inQuery('model', z.string(), 'Only of this model.'),
      inQuery('state', trainingRequestState, 'Only in this state.'),
      limitInQuery(100, 1000),
    ],
    answers: {
      200: {
        description: 'The requests.',
        content: { schema: trainingRequestList, example: { requests: [example] } },
      },
    },
    errors: ['REQUEST_INVALID'],
  },
  {
    method: 'GET',
    path: `${path}/{id}`,
    tag,
    summary: 'Show one training request',
    parameters: [id],
    answers: { 200: { description: 'The request.', content: { schema: trainingRequestView, example } } },
    errors: ['NOT_FOUND'],
  },
  {
    method: 'DELETE',
    path: `${path}/{id}`,
    tag,
    summary: 'Cancel a training request',
    description: 'Asks the trainer to stop; the state becomes `cancelled` once it has.',
    parameters: [id, inQuery('reason', z.string(), 'Why; told to the trainer.')],
    answers: {
      202: { description: 'The wish was passed on.', content: { schema: trainingRequestView, example: queued } },
    },
    errors: ['NOT_FOUND', 'CONFLICT'],
  },
  {
    method: 'POST',
    path: `${path}/{id}/attempts`,
    tag,
    summary: 'Begin an attempt',
    description:
      'For trainers. What is made with the token belongs to the request: runs and versions carry its id, and there is one version at most. A higher fence supersedes: everything that comes with an older token is refused.',
    parameters: [id],
    body: [{ schema: postAttempt, example: { fence: 1 } }],
    answers: {
      201: {
        description: 'The token of the attempt.',
        content: { schema: attemptView, example: { token: `baton-attempt.${example.id}.1.2Yk8…` } },
      },
    },
    errors: ['ATTEMPT_SUPERSEDED', 'NOT_FOUND'],
  },
];
