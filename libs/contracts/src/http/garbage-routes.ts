import { garbageView, postGarbage } from './garbage.js';
import type { HttpRoute } from './http-route.js';

export const garbageRoutes: HttpRoute[] = [
  {
    method: 'POST',
    path: '/api/v1/gc',
    tag: 'Garbage',
    summary: 'Say what is garbage, and remove it',
    description:
      'Deleted runs, logged models and experiments; files whose owner is gone; frozen models that no version and no promotion names; uploads that were given up. Without `apply` nothing is changed. What became a registered version is kept and told with the reason.',
    body: [{ schema: postGarbage, example: { olderThan: '30d', apply: false } }],
    answers: {
      200: {
        description: 'What went, or would go.',
        content: {
          schema: garbageView,
          example: {
            applied: false,
            removed: [{ kind: 'run', id: '6f2b1c0d9e8f4a7b8c6d5e4f3a2b1c0d', sizeBytes: 48211 }],
            kept: [
              {
                kind: 'run',
                id: '0d9e8f4a7b8c6d5e4f3a2b1c0d6f2b1c',
                reason: 'version 3 of IrisModel came from it',
              },
            ],
            sizeBytes: 48211,
          },
        },
      },
    },
    errors: ['NOT_FOUND', 'STORE_UNAVAILABLE'],
  },
];
