import { parseArgs } from 'node:util';
import { playComposeStory } from './compose-story.js';
import { run, succeeds } from './docker.js';
import { provideImages } from './stand-ins.js';

const help = `npm run test:containers [-- options]

Runs the integration and end-to-end suites on services in containers (testcontainers), then brings docker-compose.kafka.yml up,
asks for a training, and predicts. Needs a container engine (DOCKER_HOST, or the default socket) and the docker command.
Images that can't be pulled are replaced by stand-ins built under their names on debian:bookworm-slim.

  --skip-suites     only the compose file
  --skip-compose    only the suites
  --help
`;

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/** The suites in a vitest of their own; its last line tells the counts. */
const runSuites = async (): Promise<Counts> => {
  const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--project', 'integration', '--project', 'e2e'];
  const environment = { BATON_SERVICES: 'containers', BATON_REQUIRE: 'kafka,postgres,s3' };
  const output = await run(process.execPath, vitest, { environment, show: true }).catch((error: unknown) =>
    error instanceof Error && 'output' in error ? String(error.output) : '',
  );
  const counts = [...output.matchAll(/^tests: (\d+) passed, (\d+) failed, (\d+) skipped$/gm)].at(-1);
  if (counts === undefined) return { passed: 0, failed: 1, skipped: 0 };
  return { passed: Number(counts[1]), failed: Number(counts[2]), skipped: Number(counts[3]) };
};

const { values } = parseArgs({
  options: {
    'skip-suites': { type: 'boolean' },
    'skip-compose': { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  },
});
if (values.help === true) process.stdout.write(help);
else if (!(await succeeds('docker', ['version']))) {
  process.stderr.write('No container engine answers: start one, or name it in DOCKER_HOST. See --help.\n');
  process.exitCode = 1;
} else {
  const counts: Counts = { passed: 0, failed: 0, skipped: 0 };
  await provideImages();
  if (values['skip-suites'] !== true) Object.assign(counts, await runSuites());
  if (values['skip-compose'] !== true) {
    const steps = await playComposeStory();
    const failed = steps.filter(({ error }) => error !== undefined).length;
    const untried = steps.filter(({ skipped }) => skipped !== undefined);
    for (const { name, skipped } of untried) process.stdout.write(`skipped: ${name}: ${skipped ?? ''}\n`);
    counts.failed += failed;
    counts.skipped += untried.length;
    counts.passed += steps.length - failed - untried.length;
  }
  const { passed, failed, skipped } = counts;
  process.stdout.write(`tests: ${String(passed)} passed, ${String(failed)} failed, ${String(skipped)} skipped\n`);
  if (failed > 0) process.exitCode = 1;
}
