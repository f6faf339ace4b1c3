import type { ErrorCode } from '../error-codes.js';
import { httpComponents } from './components.js';
import { describeApi, type OpenApi } from './describe-api.js';
import type { HttpRoute } from './http-route.js';
import { httpRoutes } from './routes.js';

/** What may befall any request, whatever it asks for. */
const everywhere: ErrorCode[] = ['HOST_NOT_ALLOWED', 'DATABASE_UNAVAILABLE', 'INTERNAL'];
const whenItChanges: ErrorCode[] = ['ORIGIN_NOT_ALLOWED'];
const whenItHasABody: ErrorCode[] = ['REQUEST_INVALID', 'PAYLOAD_TOO_LARGE'];

/** The codes that a route can answer. */
export const errorsOf = (route: HttpRoute): ErrorCode[] => [
  ...new Set([
    ...(route.parameters !== undefined || route.body !== undefined ? (['REQUEST_INVALID'] as const) : []),
    ...(route.errors ?? []),
    ...(route.body === undefined ? [] : whenItHasABody),
    ...(route.method === 'GET' ? [] : whenItChanges),
    ...everywhere,
  ]),
];

/** OpenAPI 3.1 of the registry's own API, out of the routes and their schemas. */
export const openApi = (routes: readonly HttpRoute[] = httpRoutes): OpenApi =>
  describeApi({
    title: 'Baton registry',
    description:
      "The registry's own API. MLflow's API (`/api/2.0/mlflow/…`) is described by MLflow. Errors are problems (RFC 9457) whose `code` is stable; docs/errors.md lists all.",
    server: 'The registry that gave this page.',
    prefix: '/api/v1',
    routes,
    components: httpComponents,
    errorsOf,
    chapters: [
      ['Training requests', 'Ask for a training and follow it to its end.'],
      ['Presets', 'Recipe, parameters and data set under a name; one of a model is current.'],
      ['Schedules', 'Trainings at set times.'],
      ['Models', 'Registered models, their versions and what is promoted.'],
      ['Promotion', 'Which version predictors serve: by hand, by policy, and who was in production when.'],
      ['Fleet', 'What predictors serve.'],
      ['Events', 'Everything that happens, as it happens.'],
      ['Webhooks', 'Tell other systems by HTTP, and see what became of it.'],
      ['Garbage', 'Free what nothing refers to any more.'],
    ],
  });
