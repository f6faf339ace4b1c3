import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOf, readSettings } from '#runtime';
import { artifactStoreFrom } from '#artifacts/settings';
import { optionsOf } from '../core/options.js';
import { Standalone } from '../standalone.js';
import { playStory, type Teller } from './story.js';

const say = (sentence: string): void => {
  process.stdout.write(`${sentence}\n`);
};

const teller = (began: number): Teller => {
  let chapters = 0;
  return {
    chapter: (sentence) => {
      say(`\n${String(++chapters)}. ${sentence}`);
    },
    fact: (sentence) => {
      say(`   ✓ ${sentence}  [${((Date.now() - began) / 1000).toFixed(1)} s]`);
    },
  };
};

/** Plays the story on a standalone of its own, on a temporary folder and free ports, and takes everything away again. */
const main = async (): Promise<number> => {
  const began = Date.now();
  const settings = readSettings();
  const real = settings.KAFKA_BROKERS !== undefined || settings.DATABASE_URL !== undefined;
  // Where others may have played before, the name must be new.
  const model = real ? `IrisModel-${began.toString(36)}` : 'IrisModel';
  process.env.PREDICTOR_MODELS = model;
  const dataDir = await mkdtemp(join(tmpdir(), 'baton-demo-'));
  await chmod(dataDir, 0o755);
  const free = { registryPort: 0, predictorPort: 0, predictorGrpcPort: 0, trainerPort: 0 };
  const options = optionsOf({ dataDir, ...free }, settings, false);
  const standalone = new Standalone(options, say);
  const asked = new Promise<never>((_, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.on(signal, () => {
        reject(new Error(`Ended by ${signal}.`));
      });
  });
  const play = async (): Promise<void> => {
    say('Starting the registry, the predictor and the trainer on a temporary folder.');
    const { registry, predictor, artifactsDir } = await standalone.start();
    say(`   ✓ registry ${registry}, predictor ${predictor}  [${((Date.now() - began) / 1000).toFixed(1)} s]`);
    const store = artifactStoreFrom({ ...settings, ...(artifactsDir !== null && { ARTIFACTS_DIR: artifactsDir }) });
    await Promise.race([
      playStory({ registryUrl: registry, predictorUrl: predictor, store }, model, teller(began)),
      standalone.failed(),
    ]);
  };
  let failed = false;
  try {
    await Promise.race([play(), asked]);
    say(`\nEvery step held. ${((Date.now() - began) / 1000).toFixed(1)} s.`);
  } catch (error) {
    failed = true;
    say(`\n   ✗ ${messageOf(error)}`);
  }
  await standalone.stop();
  if (failed) say(`The logs of the apps stay in ${join(dataDir, 'logs')}.`);
  else await rm(dataDir, { recursive: true, force: true });
  return failed ? 1 : 0;
};

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    say(messageOf(error));
    process.exit(1);
  },
);
