import type { HttpRoute } from './http-route.js';
import { presetsView, presetView, putCurrentPreset, putPreset, shortName } from './presets.js';
import { inPath, nameInPath } from './route-parameters.js';

const path = '/api/v1/models/{name}/presets';
const currentPath = '/api/v1/models/{name}/current-preset';
const tag = 'Presets';
const presetInPath = inPath('preset', shortName, 'Name of the preset.');

const given = { recipe: 'random-forest', parameters: { n_estimators: 300 }, dataset: { uri: 's3://data/iris.csv' } };
const preset = { model: 'IrisModel', name: 'v2', ...given, current: true, updatedAt: '2026-11-21T12:00:00.000Z' };
const shown = { description: 'The preset.', content: { schema: presetView, example: preset } };

export const presetRoutes: HttpRoute[] = [
  {
    method: 'GET',
    path,
    tag,
    summary: 'List the presets of a model',
    parameters: [nameInPath],
    answers: {
      200: {
        description: 'The presets by name, and which is current.',
        content: { schema: presetsView, example: { current: 'v2', presets: [preset] } },
      },
    },
  },
  {
    method: 'GET',
    path: `${path}/{preset}`,
    tag,
    summary: 'Show one preset',
    parameters: [nameInPath, presetInPath],
    answers: { 200: shown },
    errors: ['NOT_FOUND'],
  },
  {
    method: 'PUT',
    path: `${path}/{preset}`,
    tag,
    summary: 'Keep a preset',
    description:
      'Makes it, or changes all of it. Trainings that began before go on with what they had. The first preset of a model becomes its current one. The recipe and its parameters are checked by the trainer, which has the recipes.',
    parameters: [nameInPath, presetInPath],
    body: [{ schema: putPreset, example: given }],
    answers: { 200: shown },
  },
  {
    method: 'DELETE',
    path: `${path}/{preset}`,
    tag,
    summary: 'Delete a preset',
    description: 'Not the current one while there are others, and none that a schedule names.',
    parameters: [nameInPath, presetInPath],
    answers: { 204: { description: 'It is gone.' } },
    errors: ['NOT_FOUND', 'CONFLICT'],
  },
  {
    method: 'GET',
    path: currentPath,
    tag,
    summary: 'Show the current preset',
    parameters: [nameInPath],
    answers: { 200: shown },
    errors: ['NOT_FOUND'],
  },
  {
    method: 'PUT',
    path: currentPath,
    tag,
    summary: 'Choose the current preset',
    description: 'From now on a request that names neither recipe nor preset trains this one.',
    parameters: [nameInPath],
    body: [{ schema: putCurrentPreset, example: { preset: 'v2' } }],
    answers: { 200: shown },
    errors: ['NOT_FOUND'],
  },
];
