import { resolve } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import type { Flags } from '../core/options.js';

const port = (text: string): number => {
  const value = Number(text);
  if (text.trim() === '' || !Number.isInteger(value) || value < 0 || value > 65535)
    throw new InvalidArgumentError('A port is a whole number from 0 to 65535; 0 takes a free one.');
  return value;
};

const folder = (text: string): string => {
  // An unset variable in a script must not put a database into the current folder.
  if (text.trim() === '') throw new InvalidArgumentError('Name a folder.');
  return resolve(text);
};

/** The flags of `npm start -- …`; prints help, or what is wrong (exit code 2), on its own. */
export const parseFlags = (args: string[]): Flags =>
  new Command('npm start --')
    .description(
      'Starts everything on this machine: an embedded PostgreSQL, the registry, the trainer and the predictor.\n' +
        'For trying things out, not for production. KAFKA_BROKERS, DATABASE_URL and S3_ENDPOINT, each one set,\n' +
        'switch that part from embedded to real.',
    )
    .option('--data-dir <folder>', 'where everything is kept between starts', folder, resolve('data'))
    .option('--registry-port <port>', 'HTTP port of the registry (REGISTRY_PORT, 5000)', port)
    .option('--predictor-port <port>', 'HTTP port of the predictor (PREDICTOR_PORT, 8000)', port)
    .option('--predictor-grpc-port <port>', 'gRPC port of the predictor (PREDICTOR_GRPC_PORT, 8001)', port)
    .option('--trainer-port <port>', 'HTTP port of the trainer (TRAINER_PORT, 8080)', port)
    .option('--postgres-port <port>', 'port of the embedded PostgreSQL (a free one)', port)
    .option('--host <address>', 'address to listen on (HOST, 127.0.0.1)')
    .addHelpText(
      'after',
      '\nExamples:\n  npm start\n  npm start -- --data-dir /tmp/baton --registry-port 0 --predictor-port 0 --predictor-grpc-port 0 --trainer-port 0',
    )
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
    .parse(args, { from: 'user' })
    .opts<Flags>();
