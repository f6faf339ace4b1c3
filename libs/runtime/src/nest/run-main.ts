import { describeSettings, readSettings } from '../config.js';
import type { Settings } from '../settings.js';
import { JsonLogger, type Logger } from '../logger.js';
import { PlatformError, messageOf } from '../platform-error.js';

/**
 * The frame of every app's main: `--help` and unknown arguments explain, settings are read, and what keeps the app from
 * starting becomes one sentence on stderr and exit code 1. An error that nobody catches later ends the process too:
 * half-dead is worse than restarted.
 */
export const runMain = async (
  app: string,
  start: (settings: Settings, logger: Logger) => Promise<unknown>,
  argv: readonly string[] = process.argv.slice(2),
): Promise<void> => {
  if (argv.includes('--help') || argv.includes('-h')) {
    process.stdout.write(helpOf(app));
    return;
  }
  if (argv.length > 0) {
    process.stderr.write(`${app}: "${argv.join(' ')}" is not understood. It takes no arguments; see --help.\n`);
    process.exit(2);
  }
  try {
    const settings = readSettings();
    const logger = new JsonLogger(app, settings.LOG_LEVEL);
    dieOfTheUncaught(logger);
    await start(settings, logger);
  } catch (error) {
    process.stderr.write(`${app} could not start: ${sentenceOf(error)}\n`);
    process.exit(1);
  }
};

const sentenceOf = (error: unknown): string =>
  error instanceof PlatformError
    ? error.detail
    : `${messageOf(error)}${error instanceof Error && error.stack !== undefined ? `\n${error.stack}` : ''}`;

const dieOfTheUncaught = (logger: Logger): void => {
  process.on('uncaughtException', (error) => {
    logger.error(`Nobody caught this, so the process ends: ${messageOf(error)}`, { error });
    process.exit(1);
  });
  process.on('unhandledRejection', (error) => {
    logger.error(`Nobody caught this rejection, so the process ends: ${messageOf(error)}`, { error });
    process.exit(1);
  });
};

const purposes: Record<string, string> = {
  registry: 'tracks runs, keeps models and versions, promotes them (MLflow REST API, /api/v1, events).',
  trainer: 'hears training.requested and trains; results go to the registry.',
  predictor: 'hears model.promoted, swaps to the promoted version without a pause and answers predictions.',
};

/** The text of `--help`: what the app is for and every setting with its default. */
export const helpOf = (app: string): string => {
  const lines = describeSettings().map(({ name, byDefault, description }) => {
    const value = byDefault === undefined ? 'unset' : byDefault === '' ? 'empty' : byDefault;
    return `  ${name.padEnd(27)} ${description} [${value}]`;
  });
  return [
    `baton ${app} — ${purposes[app] ?? 'one of the processes of Baton.'}`,
    '',
    'It takes no arguments; the environment configures it. `npm start` runs all of Baton on one machine with nothing set.',
    'Without `npm start` it needs DATABASE_URL (or, for the events, KAFKA_BROKERS). Settings of all processes [default]:',
    '',
    ...lines,
    '',
  ].join('\n');
};
