import { z } from 'zod';
import type { HttpRoute } from './http-route.js';
import { liveEvent } from './live-event.js';
import { inQuery } from './route-parameters.js';

export const eventRoutes: HttpRoute[] = [
  {
    method: 'GET',
    path: '/api/v1/events',
    tag: 'Events',
    summary: 'Follow all that happens',
    description:
      'Server-sent events, one message for each event of the platform, whoever said it; `event` is the type, `data` the event as JSON. The stream stays open; a client that was cut off sends the last `id` it saw as `Last-Event-ID` and misses nothing.',
    parameters: [
      inQuery('types', z.string(), 'Only these types, comma separated: `model.promoted,model.deployed`.'),
      inQuery('from', z.enum(['now', 'start']).default('now'), 'Where a client without `Last-Event-ID` begins.'),
      { in: 'header', name: 'Last-Event-ID', schema: z.string(), description: 'Id of the last message that was seen.' },
    ],
    answers: {
      200: {
        description: 'The stream. The schema is that of one `data`.',
        content: {
          type: 'text/event-stream',
          schema: liveEvent,
          example: {
            type: 'model.promoted',
            id: 'IrisModel/5',
            source: '/baton/registry',
            subject: 'IrisModel',
            time: '2026-11-21T12:00:05.000Z',
            generation: 5,
            data: { model: 'IrisModel', version: 2, generation: 5 },
          },
        },
      },
    },
    errors: ['REQUEST_INVALID'],
  },
];
