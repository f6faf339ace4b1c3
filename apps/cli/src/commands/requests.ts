import type { Command } from 'commander';
import type { TrainingRequestView } from '#contracts';
import { withContext, type Context } from '../context.js';
import { printable, table } from '../output.js';

export const addRequests = (program: Command): void => {
  program.command('requests').description('list training requests, whoever sent them').action(withContext(list));
  program.command('status <id>').description('show one training request').action(withContext(show));
  program.command('cancel <id>').description('cancel a training request').action(withContext(cancel));
};

const list = async ({ client, output }: Context): Promise<void> => {
  const answer = await client.get('/training-requests');
  const requests = requestsIn(answer);
  output.value(answer, () =>
    table(
      ['ID', 'MODEL', 'RECIPE', 'STATE', 'VERSION', 'REQUESTED', 'MESSAGE'],
      requests.map((each) => [
        each.id,
        each.model,
        each.recipe,
        each.state,
        each.version,
        each.requestedAt,
        each.error?.message ?? each.message,
      ]),
      'No training was requested yet. Ask for one: npx baton train IrisModel --recipe random-forest',
    ),
  );
};

/** The list comes bare or under `requests`. */
const requestsIn = (answer: unknown): TrainingRequestView[] =>
  (Array.isArray(answer) ? answer : ((answer as { requests?: unknown }).requests ?? [])) as TrainingRequestView[];

const show = async ({ client, output }: Context, id: string): Promise<void> => {
  const request = (await client.get(`/training-requests/${encodeURIComponent(id)}`)) as TrainingRequestView;
  output.value(request, () => requestLines(request));
};

const cancel = async ({ client, output }: Context, id: string): Promise<void> => {
  const answer = await client.delete(`/training-requests/${encodeURIComponent(id)}`);
  output.value(answer ?? { id }, () => `Asked to cancel ${id}.`);
};

export const requestLines = (request: TrainingRequestView): string =>
  [
    `${request.model} by ${request.recipe} ${JSON.stringify(request.parameters)}: ${request.state}`,
    ...(request.version === null ? [] : [`version  ${String(request.version)}`]),
    ...(request.runId === null ? [] : [`run      ${request.runId}`]),
    ...Object.entries(request.metrics).map(([name, value]) => `${name.padEnd(8)} ${String(value)}`),
    ...(request.error === null ? [] : [`${request.error.code}: ${request.error.message}`]),
    `id       ${request.id}`,
  ]
    .map(printable)
    .join('\n');
