import { Command } from 'commander';
import { addDeadLetters } from './commands/dead-letters.js';
import { addEvents } from './commands/events.js';
import { addFleet } from './commands/fleet.js';
import { addGc } from './commands/gc.js';
import { addImport } from './commands/import.js';
import { addPolicy } from './commands/policy.js';
import { addPresets } from './commands/presets.js';
import { addPromotions } from './commands/promotions.js';
import { addRequests } from './commands/requests.js';
import { addSchedules } from './commands/schedules.js';
import { addTopics } from './commands/topics.js';
import { addTrain } from './commands/train.js';

/** `baton` with all its commands. Never ends the process: what commander would exit with is thrown. */
export const program = (): Command => {
  const baton = new Command('baton')
    .description('Ask for trainings, promote and roll back, see what is served.')
    .option(
      '--registry <url>',
      'address of the registry (BATON_REGISTRY, a running `npm start`, http://127.0.0.1:5000)',
    )
    .option('--data-dir <folder>', 'folder of a running `npm start`', './data')
    .option('--json', 'print values as JSON, one per line')
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError('(add --help to see what can be written)')
    .exitOverride();
  for (const add of [
    addTrain,
    addRequests,
    addPresets,
    addSchedules,
    addPromotions,
    addPolicy,
    addFleet,
    addEvents,
    addDeadLetters,
    addTopics,
    addGc,
    addImport,
  ])
    add(baton);
  return baton;
};
