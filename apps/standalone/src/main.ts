import { readSettings, messageOf, PlatformError } from '#runtime';
import { parseFlags } from './inbound/flags.js';
import { optionsOf } from './core/options.js';
import { welcome } from './core/welcome.js';
import { Standalone } from './standalone.js';

const say = (sentence: string): void => {
  process.stderr.write(`${sentence}\n`);
};

const main = async (): Promise<number> => {
  const flags = parseFlags(process.argv.slice(2));
  const options = optionsOf(flags, readSettings(), (process.env.HOST ?? '') !== '');
  const standalone = new Standalone(options, say);
  const asked = new Promise<'asked'>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.on(signal, () => {
        resolve('asked');
      });
  });
  const running = async (): Promise<never> => {
    const endpoints = await standalone.start();
    process.stdout.write(welcome(endpoints, options));
    return standalone.failed();
  };
  try {
    await Promise.race([asked, running()]);
    say('Stopping: the apps first, then the database.');
    await standalone.stop();
    say('Stopped.');
    return 0;
  } catch (error) {
    say(error instanceof PlatformError ? error.detail : messageOf(error));
    await standalone.stop();
    return 1;
  }
};

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    say(error instanceof PlatformError ? error.detail : messageOf(error));
    process.exit(1);
  },
);
