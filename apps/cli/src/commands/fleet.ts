import type { Command } from 'commander';
import type { FleetView } from '#contracts';
import { withContext, type Context } from '../context.js';
import { table } from '../output.js';

export const addFleet = (program: Command): void => {
  program.command('fleet').description('what every predictor replica serves, and why not').action(withContext(show));
};

const show = async ({ client, output }: Context): Promise<void> => {
  const fleet = (await client.get('/fleet')) as FleetView;
  output.value(fleet, () =>
    table(
      ['PREDICTOR', 'MODEL', 'STATE', 'SERVES', 'TOLD TO', 'SINCE', 'REASON'],
      fleet.replicas.map((each) => [
        each.predictorId,
        each.model,
        each.lost ? 'lost' : each.state,
        each.active?.version,
        each.target?.version,
        each.since,
        each.reason ?? '',
      ]),
      'No predictor has said what it serves yet.',
    ),
  );
};
