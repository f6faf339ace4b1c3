import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { program } from '../program.js';
import {
  FILES,
  here,
  importing,
  refused,
  sent,
  startTwoServers,
  there,
  versionAnswers,
} from './two-servers.behaviour.js';

startTwoServers();

const experiment = { experiment_id: '1', name: 'e' };
const FILE = `GET ${FILES}/1/r/artifacts/f`;
const UPLOAD = `PUT ${FILES}/7/r/artifacts/f`;

it('a file may take longer than an answer may, as long as something comes', async () => {
  there.answers[FILE] = (_, answer) => {
    void (async () => {
      for (const piece of ['a', 'b', 'c', 'd']) {
        answer.write(piece);
        await sleep(200);
      }
      answer.end();
    })();
  };
  const { runs, tally } = importing(there, here, { answerMs: 500, idleMs: 5_000 });
  await runs.experiment(experiment, 1);
  expect(tally.problems).toEqual([]);
  expect(here.asked.find(({ call }) => call === UPLOAD)?.body).toBe('abcd');
});

it.each([
  ['stops', 'nothing came for 0.2 s', () => undefined],
  ['breaks off', 'terminated|other side closed', (end: () => void) => void setTimeout(end, 20)],
])('a file that %s half way is a problem of the source and of that file', async (_, reason, then) => {
  there.answers[FILE] = (_, answer) => {
    answer.write('a');
    then(() => answer.destroy());
  };
  const { runs, tally } = importing(there, here, { answerMs: 5_000, idleMs: 200 });
  await runs.experiment(experiment, 1);
  expect(tally.problems).toEqual([
    { what: 'run r, file f', reason: expect.stringMatching(`^${there.url} broke off: (${reason})`) as string },
  ]);
  expect(sent<{ status: string }>(here, 'PUT /api/v1/import/runs/r').map(({ status }) => status)).toEqual(['RUNNING']);
  expect(tally.counts).toMatchObject({ runs: 0, 'logged models': 1, files: 1 });
});

it('a registry that goes away is told as the registry, and an upload that it refuses as that', async () => {
  here.answers[UPLOAD] = refused(413, 'TOO_LARGE');
  const { runs, tally } = importing(there, here);
  await runs.experiment(experiment, 1);
  expect(tally.problems).toMatchObject([
    { what: 'run r, file f', reason: expect.stringContaining('was not taken') as string },
  ]);
  here.answers[UPLOAD] = (_, answer) => answer.destroy();
  await expect(importing(there, here).runs.experiment(experiment, 1)).rejects.toThrow(
    `The registry does not answer at ${here.url} (ECONNRESET)`,
  );
});

it('the report is written when the import is broken off, too', async () => {
  const experiments = { experiments: [experiment] };
  there.answers['POST /api/2.0/mlflow/experiments/search'] = experiments;
  there.answers['GET /api/2.0/mlflow/registered-models/search'] = {};
  here.answers['PUT /api/v1/import/runs/r'] = (_, answer) => answer.destroy();
  const folder = await mkdtemp(join(tmpdir(), 'baton-import-'));
  const report = join(folder, 'report.json');
  try {
    const asked = ['--registry', here.url, 'import', 'mlflow', '--from', there.url, '--report', report];
    await expect(program().parseAsync(['node', 'baton', ...asked])).rejects.toThrow('does not answer');
    expect(JSON.parse(await readFile(report, 'utf8'))).toMatchObject({
      brokenOff: expect.stringContaining('The registry does not answer') as string,
      copied: { experiments: 1, runs: 0 },
    });
  } finally {
    await rm(folder, { recursive: true });
  }
});

it.each([
  ['runs:/r/model', 'mlflow-artifacts:/7/r/artifacts/model'],
  ['runs:/r', 'mlflow-artifacts:/7/r/artifacts'],
  ['models:/m-1', 'mlflow-artifacts:/7/models/m-1/artifacts'],
])('a version of %s lies with what was copied', async (source, storageLocation) => {
  Object.assign(there.answers, versionAnswers(source));
  const { runs, models, tally } = importing(there, here);
  await runs.experiment(experiment, 1);
  await models.model({ name: 'x' }, false);
  expect(sent(here, 'PUT /api/v1/import/models/x/versions/1')).toMatchObject([{ source, storageLocation }]);
  expect(tally.problems).toEqual([]);
});

it.each(['runs:/r', 'models:/m-1'])('files of a version of %s come along without the rest of it', async (source) => {
  Object.assign(there.answers, versionAnswers(source));
  const artifact_uri = 'mlflow-artifacts:/1/models/m-1/artifacts';
  there.answers['GET /api/2.0/mlflow/logged-models/m-1'] = { model: { info: { artifact_uri } } };
  const upload = `PUT ${FILES}/imported-models/x/1/f`;
  here.answers[upload] = {};
  const { models, tally } = importing(there, here);
  await models.model({ name: 'x' }, false);
  expect(tally).toMatchObject({ problems: [], counts: { versions: 1, files: 1 } });
  expect(here.asked.find(({ call }) => call === upload)?.body).toBe('abc');
});
