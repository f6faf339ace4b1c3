import { z } from 'zod';
import type { HttpRoute } from './http-route.js';
import {
  postPromotion,
  postRollback,
  promotionAt,
  promotionPending,
  promotionPolicy,
  promotionPolicyView,
  promotionsPage,
  promotionView,
  retirement,
} from './promotions.js';
import { inQuery, limitInQuery, nameInPath, pageToken } from './route-parameters.js';

const path = '/api/v1/models/{name}';
const tag = 'Promotion';

const promotion = {
  model: 'IrisModel',
  version: 2,
  previousVersion: 1,
  generation: 5,
  cause: 'request',
  promotedBy: 'api',
  reason: 'better on the new season',
  promotedAt: '2026-11-21T12:00:05.000Z',
};
const waiting = {
  model: 'IrisModel',
  pending: {
    version: 3,
    since: '2026-11-21T12:00:05.000Z',
    why: 'The directory holds a pickle and no ONNX file.',
    cause: 'request',
    promotedBy: 'api',
    reason: '',
  },
};
const gate = { kind: 'gate', metric: 'accuracy', direction: 'higher', minimum: 0.9, betterThanProduction: true };

export const promotionRoutes: HttpRoute[] = [
  {
    method: 'POST',
    path: `${path}/promotions`,
    tag,
    summary: 'Promote a version',
    description:
      'Moves the one pointer of the model, sets stage `Production` and alias `champion`, archives the other versions of that stage and says `model.promoted`, all in one transaction.',
    parameters: [nameInPath],
    body: [{ schema: postPromotion, example: { version: 2, reason: promotion.reason } }],
    answers: {
      201: { description: 'It is promoted.', content: { schema: promotionView, example: promotion } },
      202: {
        description: 'The version has no ONNX file yet; it is promoted once one is attached.',
        content: { schema: promotionPending, example: waiting },
      },
    },
    errors: ['MODEL_NOT_FOUND', 'VERSION_NOT_FOUND', 'CONFLICT'],
  },
  {
    method: 'GET',
    path: `${path}/promotions`,
    tag,
    summary: 'Who was in production when',
    description:
      'The history of the pointer, newest first; it outlives the model. With `at` the answer is one moment: the version of then and the line that had made it so.',
    parameters: [
      nameInPath,
      limitInQuery(100, 10_000),
      pageToken,
      inQuery('at', z.iso.datetime({ offset: true }), 'A moment, with its zone.'),
    ],
    answers: {
      200: {
        description: 'A page of the history, or one moment of it.',
        content: {
          schema: z.union([promotionsPage, promotionAt]),
          example: { promotions: [promotion], nextPageToken: null },
        },
      },
    },
    errors: ['REQUEST_INVALID', 'MODEL_NOT_FOUND'],
  },
  {
    method: 'DELETE',
    path: `${path}/promotions`,
    tag,
    summary: 'Retire the model',
    description: 'Nothing is in production any more: predictors stop serving it. The history stays.',
    parameters: [nameInPath, inQuery('reason', z.string(), 'Why; kept in the history.')],
    answers: {
      200: {
        description: 'It is retired.',
        content: { schema: retirement, example: { model: 'IrisModel', generation: 6 } },
      },
    },
    errors: ['MODEL_NOT_FOUND', 'CONFLICT'],
  },
  {
    method: 'POST',
    path: `${path}/rollback`,
    tag,
    summary: 'Go back to an older version',
    description: 'A promotion of a version that was promoted before; without `to`, of the one before the present one.',
    parameters: [nameInPath],
    body: [{ schema: postRollback, example: { to: 1, reason: 'worse on Mondays' } }],
    answers: {
      201: {
        description: 'The older version is promoted.',
        content: {
          schema: promotionView,
          example: { ...promotion, version: 1, previousVersion: 2, generation: 6, cause: 'rollback' },
        },
      },
    },
    errors: ['MODEL_NOT_FOUND', 'VERSION_NOT_FOUND', 'VERSION_NOT_SERVABLE', 'NOTHING_TO_ROLL_BACK_TO', 'CONFLICT'],
  },
  {
    method: 'GET',
    path: `${path}/policy`,
    tag,
    summary: 'Show the promotion policy',
    parameters: [nameInPath],
    answers: {
      200: {
        description: 'The policy that was set, or what applies while none is.',
        content: { schema: promotionPolicyView, example: { kind: 'manual' } },
      },
    },
    errors: ['REQUEST_INVALID'],
  },
  {
    method: 'PUT',
    path: `${path}/policy`,
    tag,
    summary: 'Set the promotion policy',
    description: 'What becomes of versions as they are registered. It may be set before the model exists.',
    parameters: [nameInPath],
    body: [{ schema: promotionPolicy, example: gate }],
    answers: {
      200: {
        description: 'The policy as it applies from now on.',
        content: {
          schema: promotionPolicy,
          example: { ...gate, signatureChanges: 'allow', stage: 'Production' },
        },
      },
    },
  },
];
