import { spawn } from 'node:child_process';
import { environmentWith } from '#testing/native';

export interface RunOptions {
  environment?: Record<string, string>;
  /** Where the output goes: shown as it comes, or kept for the error. */
  show?: boolean;
}

/** Runs a program to its end and returns what it wrote. @throws Error with the end of its output when it fails. */
export const run = (command: string, args: string[], options: RunOptions = {}): Promise<string> =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      env: environmentWith(options.environment ?? {}),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        output += chunk.toString();
        if (options.show === true) process.stdout.write(chunk);
      });
    child.once('error', () => {
      reject(new Error(`${command} is not installed.`));
    });
    child.once('close', (code) => {
      if (code === 0) resolve(output);
      else
        reject(Object.assign(new Error(`${command} ${args.join(' ')} failed:\n${output.slice(-3_000)}`), { output }));
    });
  });

export const succeeds = (command: string, args: string[]): Promise<boolean> =>
  run(command, args).then(
    () => true,
    () => false,
  );

/** `docker compose`, or the older `docker-compose`. @throws Error when neither is there. */
export const composeCommand = async (): Promise<string[]> => {
  if (await succeeds('docker', ['compose', 'version'])) return ['docker', 'compose'];
  if (await succeeds('docker-compose', ['version'])) return ['docker-compose'];
  throw new Error('Neither "docker compose" nor "docker-compose" is installed.');
};
