import { eventRoutes } from './event-routes.js';
import { garbageRoutes } from './garbage-routes.js';
import type { HttpRoute } from './http-route.js';
import { modelRoutes } from './model-routes.js';
import { presetRoutes } from './preset-routes.js';
import { promotionRoutes } from './promotion-routes.js';
import { scheduleRoutes } from './schedule-routes.js';
import { trainingRoutes } from './training-routes.js';
import { importRoutes } from './import-routes.js';
import { webhookRoutes } from './webhook-routes.js';

/** Every route of the registry's own API; a test holds the controllers to it, both ways. */
export const httpRoutes: readonly HttpRoute[] = [
  ...trainingRoutes,
  ...presetRoutes,
  ...scheduleRoutes,
  ...modelRoutes,
  ...promotionRoutes,
  ...eventRoutes,
  ...webhookRoutes,
  ...garbageRoutes,
  ...importRoutes,
];
