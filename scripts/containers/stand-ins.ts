import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { images } from '#testing/containers';
import {
  kafkaJars,
  postgresPrograms,
  runEnvironment,
  type ServiceName,
  serviceNames,
  versitygw,
} from '#testing/native';
import { run, succeeds } from './docker.js';

const recipes = 'deploy/docker/stand-in';
const baseImages = ['debian:bookworm-slim', 'node:24-bookworm-slim'];

/**
 * Sees to it that every image has its name on this engine: it is there, or pulled, or a stand-in made of the very programs that native
 * runs use. @throws Error naming a base image that can neither be found nor pulled.
 */
export const provideImages = async (): Promise<void> => {
  for (const name of baseImages)
    if (!(await isHere(name)) && !(await succeeds('docker', ['pull', '-q', name])))
      throw new Error(`${name} is not on this engine and can't be pulled: every image is built on it.`);
  for (const service of serviceNames) {
    const name = images[service];
    if (await isHere(name)) process.stdout.write(`${name}: on this engine\n`);
    else if (await succeeds('docker', ['pull', '-q', name])) process.stdout.write(`${name}: pulled\n`);
    else {
      process.stdout.write(`${name}: can't be pulled, building a stand-in …\n`);
      await build(service, name);
    }
  }
};

const isHere = (name: string): Promise<boolean> => succeeds('docker', ['image', 'inspect', name]);

const build = async (service: ServiceName, name: string): Promise<void> => {
  const context = mkdtempSync(join(tmpdir(), 'baton-image-'));
  try {
    cpSync(join(recipes, service), context, { recursive: true });
    await ingredients[service](context);
    await run('docker', ['build', '-q', '-t', name, context]);
  } finally {
    rmSync(context, { recursive: true, force: true });
  }
};

const ingredients: Record<ServiceName, (context: string) => Promise<void>> = {
  kafka: async (context) => {
    cpSync(await kafkaJars(runEnvironment().cacheDir), join(context, 'jars'), { recursive: true });
  },
  postgres: async (context) => {
    const { postgres } = await postgresPrograms();
    cpSync(dirname(dirname(postgres)), join(context, 'native'), { recursive: true, verbatimSymlinks: true });
  },
  s3: async (context) => {
    cpSync(join(await versitygw(runEnvironment().cacheDir), 'versitygw'), join(context, 'versitygw'));
  },
};
