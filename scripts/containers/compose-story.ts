import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { environmentWith, freePort } from '#testing/native';
import { ask, until } from './asking.js';
import { composeCommand, run, succeeds } from './docker.js';
import { checkPlots, LEFTOVERS, trainByScript } from './recipe-steps.js';

export interface Step {
  name: string;
  error?: string;
  /** Why it could not be tried. */
  skipped?: string;
}

const file = 'docker-compose.kafka.yml';
const model = 'IrisModel';

/** Brings the compose file up on free ports, asks for a training by one request, and predicts; each step is told as it ends. */
export const playComposeStory = async (): Promise<Step[]> => {
  const [command, ...first] = await composeCommand();
  const ports = await Promise.all(
    ['REGISTRY', 'PREDICTOR', 'PREDICTOR_GRPC', 'TRAINER', 'KAFKA'].map(() => freePort()),
  );
  const [registry, predictor, grpc, trainer, kafka] = ports;
  const environment = {
    REGISTRY_PORT: String(registry),
    PREDICTOR_PORT: String(predictor),
    PREDICTOR_GRPC_PORT: String(grpc),
    TRAINER_PORT: String(trainer),
    KAFKA_PORT: String(kafka),
    DOCKER_BUILDKIT: '0', // base images that were made on this engine are not looked for in a registry
    COMPOSE_DOCKER_CLI_BUILD: '0',
  };
  const project = `baton-test-${String(process.pid)}`;
  const folder = await mkdtemp(join(tmpdir(), 'baton-compose-'));
  const files = ['-f', file, ...(await trustOfThisMachine(folder))];
  const compose = (...args: string[]): Promise<string> =>
    run(command, [...first, '-p', project, ...files, ...args], { environment });
  const steps: Step[] = [];
  const step = async (name: string, work: () => Promise<unknown>): Promise<void> => {
    if (steps.some(({ error }) => error !== undefined)) return; // the steps build on each other
    try {
      await work();
      steps.push({ name });
      process.stdout.write(`ok: ${name}\n`);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      steps.push({ name, error: reason });
      process.stdout.write(`FAILED: ${name}: ${reason}\n`);
    }
  };

  try {
    await step('the compose file is valid', () => compose('config', '-q'));
    await step('the images of the apps are built', () => compose('build'));
    await step('an image explains itself by --help', async () => {
      for (const app of ['registry', 'trainer', 'predictor']) {
        const help = await run('docker', ['run', '--rm', `baton-${app}`, '--help']);
        if (!help.includes('DATABASE_URL')) throw new Error(`baton-${app} --help says: ${help}`);
      }
    });
    await step('up', () => compose('up', '-d'));
    await step('every container gets healthy', () =>
      until(300_000, async () => {
        const ids = (await compose('ps', '-q')).trim().split('\n');
        const health = await run('docker', ['inspect', '-f', '{{.Name}} {{.State.Health.Status}}', ...ids]);
        const sick = health
          .trim()
          .split('\n')
          .filter((line) => !line.endsWith(' healthy'));
        if (ids.length !== 6 || sick.length > 0) throw new Error(`${String(ids.length)} of 6 run; ${sick.join(', ')}`);
      }),
    );
    await step('one request asks for a training', () =>
      ask(`http://127.0.0.1:${String(registry)}/api/v1/training-requests`, {
        model,
        recipe: 'logistic-regression',
        parameters: { C: 10, max_iter: 500 },
      }),
    );
    await step('the model is trained, registered, promoted and served', () =>
      until(180_000, async () => {
        const info = await ask(`http://127.0.0.1:${String(predictor)}/model-info`);
        if (!info.includes(model)) throw new Error(info);
      }),
    );
    await step('it predicts', async () => {
      const record = { sepal_length: 5.1, sepal_width: 3.5, petal_length: 1.4, petal_width: 0.2 };
      const answer = await ask(`http://127.0.0.1:${String(predictor)}/predict`, [record]);
      const { predictions } = JSON.parse(answer) as { predictions: unknown };
      if (JSON.stringify(predictions) !== '[0]') throw new Error(`A setosa is class 0, but it says ${answer}`);
    });
    await step('its run has plots', () => checkPlots(`http://127.0.0.1:${String(registry)}`));
    await step('a script in Python is run by the trainer, and its pickle converted and served', () =>
      trainByScript(`http://127.0.0.1:${String(registry)}`, `http://127.0.0.1:${String(predictor)}`),
    );
    await step('nothing of it is left in the container', () =>
      until(10_000, async () => {
        const left = (await compose('exec', '-T', 'trainer', 'node', '-e', LEFTOVERS)).trim();
        if (left !== '[]') throw new Error(left);
      }),
    );
    if (await succeeds('kcat', ['-V']))
      await step('one line of kcat on the host leads to a served model', async () => {
        const request = JSON.stringify({
          model: 'KcatModel',
          recipe: 'random-forest',
          parameters: { n_estimators: 10 },
        });
        const line = `echo '${request}' | kcat -P -b localhost:${String(kafka)} -t training.requested -k KcatModel`;
        await run('sh', ['-c', line]);
        await until(180_000, async () => {
          await ask(`http://127.0.0.1:${String(predictor)}/models/KcatModel/info`);
        });
      });
    else steps.push({ name: 'one line of kcat', skipped: 'kcat is not installed' });
    await step('it answers again after the predictor is started anew', async () => {
      await compose('restart', 'predictor');
      await until(60_000, async () => {
        await ask(`http://127.0.0.1:${String(predictor)}/v2/health/ready`);
      });
    });
    if (steps.some(({ error }) => error !== undefined))
      process.stdout.write(await compose('logs', '--tail=40').catch(String));
  } finally {
    await compose('down', '-v', '--remove-orphans').catch((error: unknown) => {
      steps.push({ name: 'down', error: String(error) });
    });
    await rm(folder, { recursive: true, force: true });
  }
  return steps;
};

/** Where this machine comes to the world by a proxy with certificates of its own, pip in the trainer's container must trust them, too. */
const trustOfThisMachine = async (folder: string): Promise<string[]> => {
  const { SSL_CERT_FILE } = environmentWith({});
  if (SSL_CERT_FILE === undefined || SSL_CERT_FILE === '') return [];
  await copyFile(SSL_CERT_FILE, join(folder, 'ca.crt'));
  const trainer = {
    volumes: [`${join(folder, 'ca.crt')}:/certs/ca.crt:ro`],
    environment: { SSL_CERT_FILE: '/certs/ca.crt' },
  };
  const override = join(folder, 'trust.json');
  await writeFile(override, JSON.stringify({ services: { trainer } }));
  return ['-f', override];
};
