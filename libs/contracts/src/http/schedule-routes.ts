import { modelName } from '../model-ref.js';
import type { HttpRoute } from './http-route.js';
import { shortName } from './presets.js';
import { inPath, inQuery, nameInPath } from './route-parameters.js';
import { patchSchedule, putSchedule, schedulesView, scheduleView } from './schedules.js';

const path = '/api/v1/models/{name}/schedules/{schedule}';
const tag = 'Schedules';
const scheduleInPath = inPath('schedule', shortName, 'Name of the schedule.');

const given = { cron: '0 3 * * *', timeZone: 'Europe/Berlin', preset: 'v2', onlyIfChanged: true };
const schedule = {
  model: 'IrisModel',
  name: 'nightly',
  ...given,
  priority: 0,
  paused: false,
  nextAt: '2026-11-22T02:00:00.000Z',
  lastAt: '2026-11-21T02:00:00.000Z',
  lastRequestId: '0f0e2f3a-4c7b-5d8e-9a1b-2c3d4e5f6a7b',
};
const shown = { description: 'The schedule.', content: { schema: scheduleView, example: schedule } };

export const scheduleRoutes: HttpRoute[] = [
  {
    method: 'GET',
    path: '/api/v1/schedules',
    tag,
    summary: 'List schedules',
    parameters: [inQuery('model', modelName, 'Only of this model.')],
    answers: {
      200: {
        description: 'The schedules by model and name.',
        content: { schema: schedulesView, example: { schedules: [schedule] } },
      },
    },
  },
  {
    method: 'GET',
    path,
    tag,
    summary: 'Show one schedule',
    parameters: [nameInPath, scheduleInPath],
    answers: { 200: shown },
    errors: ['NOT_FOUND'],
  },
  {
    method: 'PUT',
    path,
    tag,
    summary: 'Ask for trainings at set times',
    description:
      'Makes the schedule, or changes all of it. Times that pass while no registry runs are made up for by one request.',
    parameters: [nameInPath, scheduleInPath],
    body: [{ schema: putSchedule, example: given }],
    answers: { 200: shown },
    errors: ['PRESET_UNKNOWN'],
  },
  {
    method: 'PATCH',
    path,
    tag,
    summary: 'Pause or resume a schedule',
    parameters: [nameInPath, scheduleInPath],
    body: [{ schema: patchSchedule, example: { paused: true } }],
    answers: {
      200: {
        description: 'The schedule.',
        content: { schema: scheduleView, example: { ...schedule, paused: true, nextAt: null } },
      },
    },
    errors: ['NOT_FOUND'],
  },
  {
    method: 'DELETE',
    path,
    tag,
    summary: 'Delete a schedule',
    parameters: [nameInPath, scheduleInPath],
    answers: { 204: { description: 'It is gone.' } },
    errors: ['NOT_FOUND'],
  },
];
