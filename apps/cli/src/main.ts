#!/usr/bin/env node
import { CommanderError } from 'commander';
import { messageOf, PlatformError } from '#runtime';
import { CliError } from './cli-error.js';
import { program } from './program.js';

/** 0 done, 1 it did not work, 2 the command was written wrongly. */
const exitCodeOf = (error: unknown): number => {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof CliError) {
    process.stderr.write(`${error.message}\n`);
    return error.exitCode;
  }
  process.stderr.write(`${error instanceof PlatformError ? error.detail : messageOf(error)}\n`);
  return 1;
};

// A reader that has seen enough (`baton events | head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : 1);
});

try {
  await program().parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error);
}
