import type { Command } from 'commander';
import type { ScheduleView } from '#contracts';
import { withContext, type Context } from '../context.js';
import { printable, table } from '../output.js';
import { finite } from './parse-values.js';

interface ScheduleFlags {
  cron: string;
  timeZone: string;
  preset?: string;
  priority?: number;
  onlyIfChanged?: boolean;
  paused?: boolean;
}

export const addSchedules = (program: Command): void => {
  const schedule = program.command('schedule').description('trainings at set times');
  schedule.command('list [model]').description('list schedules').action(withContext(list));
  schedule
    .command('set <model> <name>')
    .description('ask for trainings of a model at set times')
    .requiredOption('--cron <expression>', 'minute, hour, day of month, month, day of week: "0 3 * * *"')
    .option('--time-zone <zone>', 'zone in which the expression is read, such as Europe/Berlin', 'UTC')
    .option('--preset <name>', 'preset to train (the current one of that moment)')
    .option('--priority <number>', 'higher is trained first (0)', finite)
    .option('--only-if-changed', 'train only when recipe, parameters or data changed')
    .option('--paused', 'begin paused')
    .action(withContext(set));
  schedule
    .command('pause <model> <name>')
    .description('ask for nothing until it is resumed')
    .action(withContext((context, model: string, name: string) => setPaused(context, model, name, true)));
  schedule
    .command('resume <model> <name>')
    .description('go on; what passed meanwhile is not made up for')
    .action(withContext((context, model: string, name: string) => setPaused(context, model, name, false)));
  schedule.command('remove <model> <name>').description('forget one').action(withContext(remove));
};

const path = (model: string, name: string): string =>
  `/models/${encodeURIComponent(model)}/schedules/${encodeURIComponent(name)}`;

const list = async ({ client, output }: Context, model?: string): Promise<void> => {
  const query = model === undefined ? '' : `?model=${encodeURIComponent(model)}`;
  const answer = (await client.get(`/schedules${query}`)) as { schedules: ScheduleView[] };
  output.value(answer, () =>
    table(
      ['MODEL', 'SCHEDULE', 'CRON', 'ZONE', 'PRESET', 'NEXT', 'LAST'],
      answer.schedules.map((each) => [
        each.model,
        each.name,
        each.cron,
        each.timeZone,
        each.preset ?? '(current)',
        each.paused ? 'paused' : each.nextAt,
        each.lastAt,
      ]),
      'No training is scheduled.',
    ),
  );
};

const set = async (
  { client, output }: Context,
  model: string,
  name: string,
  { cron, timeZone, preset, priority, onlyIfChanged = false, paused = false }: ScheduleFlags,
): Promise<void> => {
  const given = {
    cron,
    timeZone,
    onlyIfChanged,
    paused,
    ...(preset !== undefined && { preset }),
    ...(priority !== undefined && { priority }),
  };
  tell(output, (await client.put(path(model, name), given)) as ScheduleView);
};

const setPaused = async ({ client, output }: Context, model: string, name: string, paused: boolean): Promise<void> => {
  tell(output, (await client.patch(path(model, name), { paused })) as ScheduleView);
};

const remove = async ({ client, output }: Context, model: string, name: string): Promise<void> => {
  await client.delete(path(model, name));
  output.value({ model, name, removed: true }, () => `Removed the schedule ${name} of ${model}.`);
};

const tell = (output: Context['output'], schedule: ScheduleView): void => {
  const next = schedule.paused ? 'paused' : `next at ${schedule.nextAt ?? 'no time that is left to come'}`;
  output.value(schedule, () =>
    printable(`${schedule.model} ${schedule.name}: ${schedule.cron} (${schedule.timeZone}), ${next}`),
  );
};
