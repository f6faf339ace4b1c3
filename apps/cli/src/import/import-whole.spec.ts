import { expect, it } from 'vitest';
import { Comparison } from './compare.js';
import {
  FILES,
  here,
  importing,
  refused,
  sent,
  startTwoServers,
  there,
  versionAnswers,
  sourceAnswers,
} from './two-servers.behaviour.js';

startTwoServers();

const experiment = { experiment_id: '1', name: 'e' };
const RUN = 'PUT /api/v1/import/runs/r';
const LOGGED_MODEL = 'PUT /api/v1/import/logged-models/m-1';
const VERSION = 'PUT /api/v1/import/models/x/versions/1';
const statuses = (call: string): string[] => sent<{ status: string }>(here, call).map(({ status }) => status);

it('a run or logged model ends when all of its files are there', async () => {
  const { runs, tally } = importing(there, here);
  await runs.experiment(experiment, 1);
  expect(statuses(RUN)).toEqual(['RUNNING', 'FINISHED']);
  expect(statuses(LOGGED_MODEL)).toEqual(['LOGGED_MODEL_PENDING', 'LOGGED_MODEL_READY']);
  expect(tally).toMatchObject({ problems: [], counts: { runs: 1, 'logged models': 1, files: 2 } });
});

it.each([
  ['listed', `?path=`, ''],
  ['read', '/', '/f'],
])('what has a file that can not be %s is not ended, and no version is made of it', async (_, before, after) => {
  for (const place of ['1/r/artifacts', '1/models/m-1/artifacts'])
    there.answers[`GET ${FILES}${before}${place}${after}`] = refused(403, 'PERMISSION_DENIED');
  Object.assign(there.answers, versionAnswers('mlflow-artifacts:/1/r/artifacts'));
  const { runs, models, tally } = importing(there, here);
  await runs.experiment(experiment, 1);
  await models.model({ name: 'x' }, false);
  expect(statuses(RUN)).toEqual(['RUNNING']);
  expect(statuses(LOGGED_MODEL)).toEqual(['LOGGED_MODEL_PENDING']);
  expect(sent(here, VERSION)).toEqual([]);
  expect(tally.counts).toMatchObject({ runs: 0, 'logged models': 0, versions: 0 });
  expect(tally.problems).toHaveLength(3);
});

it('a version is made of a folder of the run that could be read, though another could not', async () => {
  there.answers[`GET ${FILES}/1/r/artifacts/f`] = refused(403, 'PERMISSION_DENIED');
  Object.assign(there.answers, versionAnswers('mlflow-artifacts:/1/r/artifacts/model'));
  const { runs, models } = importing(there, here);
  await runs.experiment(experiment, 1);
  await models.model({ name: 'x' }, false);
  expect(sent(here, VERSION)).toMatchObject([{ storageLocation: 'mlflow-artifacts:/7/r/artifacts/model' }]);
});

it.each(['there', 'here', 'both'])('files that can not be listed %s are a difference', async (side) => {
  Object.assign(here.answers, sourceAnswers());
  here.answers['POST /api/2.0/mlflow/experiments/search'] = { experiments: [experiment] };
  const { source, own } = importing(there, here);
  for (const each of [there, here])
    if (side === 'both' || each === { there, here }[side])
      each.answers[`GET ${FILES}?path=1/r/artifacts`] = refused(403, 'PERMISSION_DENIED');
  const comparison = new Comparison(source, own, new Map([['1', '1']]));
  await comparison.experiment(experiment);
  const [unlisted, listed] = ['can not be listed: refused: PERMISSION_DENIED', '1 files'];
  expect(comparison.differences).toEqual([
    {
      what: 'run r',
      field: 'files',
      there: side === 'here' ? listed : unlisted,
      here: side === 'there' ? listed : unlisted,
    },
  ]);
});
