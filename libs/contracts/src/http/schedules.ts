import { z } from 'zod';
import { trainingRequested } from '../events/training-requested.js';
import { modelName } from '../model-ref.js';
import { shortName } from './presets.js';

/** `PUT /api/v1/models/{name}/schedules/{schedule}` */
export const putSchedule = z.strictObject({
  cron: z.string().min(1).max(200).meta({
    description: 'Five fields (minute, hour, day of month, month, day of week), or six with seconds first.',
  }),
  timeZone: z
    .string()
    .min(1)
    .max(100)
    .default('UTC')
    .meta({ description: 'IANA name of the zone in which the expression is read, such as `Europe/Berlin`.' }),
  preset: shortName.optional().meta({ description: 'The current one of that moment when absent.' }),
  priority: trainingRequested.shape.priority,
  onlyIfChanged: z
    .boolean()
    .default(false)
    .meta({ description: 'Trains only what changed; else the request is `skipped`.' }),
  paused: z.boolean().default(false),
});

/** `PATCH /api/v1/models/{name}/schedules/{schedule}` */
export const patchSchedule = z.strictObject({
  paused: z
    .boolean()
    .meta({ description: 'While paused nothing is asked for, and nothing is made up for afterwards.' }),
});

export const scheduleView = z.object({
  model: modelName,
  name: z.string(),
  cron: z.string(),
  timeZone: z.string(),
  preset: z.string().nullable(),
  priority: z.int(),
  onlyIfChanged: z.boolean(),
  paused: z.boolean(),
  nextAt: z.iso.datetime().nullable().meta({ description: 'Null while paused, or when no time is left to come.' }),
  lastAt: z.iso.datetime().nullable(),
  lastRequestId: z.uuid().nullable(),
});

/** `GET /api/v1/schedules` */
export const schedulesView = z.object({ schedules: z.array(scheduleView) });

export type PutSchedule = z.infer<typeof putSchedule>;
export type ScheduleView = z.infer<typeof scheduleView>;
