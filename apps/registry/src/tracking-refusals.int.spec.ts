/* eslint-disable @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-member-access -- answers are asserted on, field by field */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, services, uniqueName } from '#testing';
import { registryUnderTest, type Json, type RegistryUnderTest } from './registry.behaviour.js';

const API = ' See the API docs for more information about request parameters.';
const missing = (field: string) => `Missing value for required parameter '${field}'.${API}`;
const wrong = (value: string, field: string, type: string) =>
  `Invalid value ${value} for parameter '${field}' supplied:  Hint: Value was of type '${type}'.${API}`;
const characters = (value: string, field: string) =>
  `Invalid value ${value} for parameter '${field}' supplied: Names may only contain alphanumerics, underscores (_), dashes (-), periods (.), spaces ( ), colon(:) and slashes (/).`;
const resolves = (value: string, field: string, normal: string) =>
  `Invalid value ${value} for parameter '${field}' supplied: Names may be treated as files in certain cases, and must not resolve to other names when treated as such. This name would resolve to ${normal}`;
const tooLong = (field: string, limit: number) =>
  `'${field}' exceeds the maximum length of ${String(limit)} characters`;
const tooMany = (what: string, limit: number, count: number) =>
  `A batch logging request can contain at most ${String(limit)} ${what}. Got ${String(count)} ${what}. Please split up ${what} across multiple requests and try again.`;
const IPV = 'INVALID_PARAMETER_VALUE';
const RDNE = 'RESOURCE_DOES_NOT_EXIST';

describe.skipIf(!services().postgres)('what tracking refuses', () => {
  let registry: RegistryUnderTest;
  let run: string;
  let deletedRun: string;
  let deletedExperiment: string;
  const post = (path: string, body: unknown) => registry.call('POST', `/api/2.0/mlflow/${path}`, body);
  /** `RUN`, `GONE` and `OLD` stand for a run, a deleted one and a deleted experiment. */
  const filled = (body: object): Json =>
    JSON.parse(
      JSON.stringify(body)
        .replaceAll('"RUN"', `"${run}"`)
        .replaceAll('"GONE"', `"${deletedRun}"`)
        .replaceAll('"OLD"', `"${deletedExperiment}"`),
    );
  const refused = async (path: string, body: object, code: string, message: string) => {
    const answer = await post(path, filled(body));
    expect(answer).toMatchObject({ status: code === RDNE ? 404 : 400, body: { error_code: code } });
    expect(answer.body.message).toBe(
      message.replace('GONE', deletedRun).replace('RUN', run).replace('OLD', deletedExperiment),
    );
  };

  beforeAll(async () => {
    registry = await registryUnderTest();
    await eventually(() => registry.mlflow('GET', 'experiments/get?experiment_id=0'));
    const runs = [1, 2].map(() => registry.mlflow('POST', 'runs/create', { experiment_id: '0', start_time: 1 }));
    [run, deletedRun] = (await Promise.all(runs)).map(({ run: made }) => made.info.run_id as string);
    await registry.mlflow('POST', 'runs/delete', { run_id: deletedRun });
    ({ experiment_id: deletedExperiment } = await registry.mlflow('POST', 'experiments/create', {
      name: uniqueName('e'),
    }));
    await registry.mlflow('POST', 'experiments/delete', { experiment_id: deletedExperiment });
  });
  afterAll(() => registry.close());

  const metric = { run_id: 'RUN', key: 'm', value: 1.5, timestamp: 5 };
  const param = { run_id: 'RUN', key: 'p', value: '1' };
  const many = (count: number, item: object) =>
    Array.from({ length: count }, (_, at) => ({ key: `k${String(at)}`, ...item }));
  const point = { value: 1, timestamp: 5 };

  it.each<[string, object, string, string]>([
    ['experiments/create', {}, IPV, missing('name')],
    ['experiments/create', { name: '' }, IPV, missing('name')],
    ['experiments/create', { name: null }, IPV, missing('name')],
    ['experiments/create', { name: 123 }, IPV, wrong('123', 'name', 'int')],
    ['experiments/create', { name: 1.5 }, IPV, wrong('1.5', 'name', 'float')],
    ['experiments/create', { name: true }, IPV, wrong('true', 'name', 'bool')],
    ['experiments/create', { name: ['a'] }, IPV, wrong('["a"]', 'name', 'list')],
    ['experiments/create', { name: { a: 1 } }, IPV, wrong('{"a":1}', 'name', 'dict')],
    ['experiments/create', { name: 'x'.repeat(501) }, IPV, tooLong('name', 500)],
    ['experiments/create', { name: 'a', tags: 'x' }, IPV, wrong('"x"', 'tags', 'str')],
    ['experiments/create', { name: 'a', tags: [{ key: 'a#b', value: '' }] }, IPV, characters('"a#b"', 'key')],
    ['experiments/create', { name: 'a', tags: [{ value: '' }] }, IPV, resolves('""', 'key', "'.'")],
    [
      'experiments/create',
      { name: 'a', tags: [{ key: 'k', value: 'x'.repeat(20_001) }] },
      IPV,
      tooLong('value', 20_000),
    ],
    [
      'experiments/create',
      { name: 'a', artifactLocation: '', artifact_location: '' },
      IPV,
      "Request specifies both 'artifact_location' and 'artifactLocation'; provide only one of them.",
    ],
    ['experiments/update', { experiment_id: '0' }, IPV, missing('new_name')],
    [
      'experiments/update',
      { experiment_id: 'OLD', new_name: 'a' },
      'INVALID_STATE',
      'Cannot rename a non-active experiment.',
    ],
    [
      'experiments/delete',
      { experiment_id: 'abc' },
      IPV,
      "Invalid experiment ID 'abc'. Experiment ID must be a valid integer.",
    ],
    ['experiments/delete', { experiment_id: 'OLD' }, RDNE, 'No Experiment with id=OLD exists'],
    ['experiments/restore', { experiment_id: '0' }, RDNE, 'No Experiment with id=0 exists'],
    [
      'experiments/delete',
      { experiment_id: '99999999999999999999' },
      RDNE,
      'No Experiment with id=99999999999999999999 exists',
    ],
    [
      'experiments/set-experiment-tag',
      { experiment_id: 'OLD', key: 'k', value: 'v' },
      IPV,
      "The experiment OLD must be in the 'active' state. Current state is deleted.",
    ],
    [
      'experiments/delete-experiment-tag',
      { experiment_id: '0', key: 'nope' },
      RDNE,
      'No tag with name: nope in experiment with id 0',
    ],
    [
      'experiments/search',
      {},
      IPV,
      "Invalid value 0 for parameter 'max_results' supplied. It must be a positive integer",
    ],
    [
      'experiments/search',
      { max_results: 50_001 },
      IPV,
      "Invalid value 50001 for parameter 'max_results' supplied. It must be at most 50000",
    ],
    ['experiments/search', { max_results: 'x' }, IPV, wrong('"x"', 'max_results', 'str')],
    ['runs/search', { experiment_ids: ['0'], max_results: 50_001 }, IPV, wrong('50001', 'max_results', 'int')],
    [
      'runs/create',
      { experiment_id: 'OLD' },
      IPV,
      "The experiment OLD must be in the 'active' state. Current state is deleted.",
    ],
    ['runs/create', { experiment_id: '99999' }, RDNE, 'No Experiment with id=99999 exists'],
    ['runs/create', { experiment_id: 0 }, IPV, wrong('0', 'experiment_id', 'int')],
    ['runs/create', { experiment_id: '0', start_time: 'x' }, IPV, wrong('"x"', 'start_time', 'str')],
    [
      'runs/create',
      { experiment_id: '0', run_name: 'a', tags: [{ key: 'mlflow.runName', value: 'b' }] },
      IPV,
      "Both 'run_name' argument and 'mlflow.runName' tag are specified, but with different values (run_name='a', mlflow.runName='b').",
    ],
    [
      'runs/create',
      { experiment_id: '0', tags: [{ key: 'k', value: 'x'.repeat(8001) }] },
      'BAD_REQUEST',
      tooLong('tags[0].value', 8000),
    ],
    [
      'runs/create',
      { experiment_id: '0', tags: many(2, { key: 'k', value: '' }) },
      'BAD_REQUEST',
      "The tag 'k' is given twice.",
    ],
    [
      'runs/update',
      { run_id: 'GONE', status: 'FINISHED' },
      IPV,
      "The run GONE must be in the 'active' state. Current state is deleted.",
    ],
    ['runs/update', { run_id: 'RUN', status: 99 }, IPV, wrong('99', 'status', 'int')],
    ['runs/update', { run_id: 'RUN', end_time: 'x' }, IPV, wrong('"x"', 'end_time', 'str')],
    ['runs/delete', { run_id: 'nope' }, RDNE, 'Run with id=nope not found'],
    ['runs/log-metric', {}, IPV, missing('run_id')],
    ['runs/log-metric', { ...metric, key: '' }, IPV, missing('key')],
    ['runs/log-metric', { ...metric, value: null }, IPV, missing('value')],
    ['runs/log-metric', { ...metric, timestamp: undefined }, IPV, missing('timestamp')],
    ['runs/log-metric', { ...metric, value: 'x' }, IPV, wrong('"x"', 'value', 'str')],
    ['runs/log-metric', { ...metric, value: '0x1' }, IPV, wrong('"0x1"', 'value', 'str')],
    ['runs/log-metric', { ...metric, step: 1.5 }, IPV, wrong('1.5', 'step', 'float')],
    ['runs/log-metric', { ...metric, step: '9223372036854775808' }, IPV, wrong('"9223372036854775808"', 'step', 'str')],
    [
      'runs/log-metric',
      { ...metric, timestamp: -1 },
      IPV,
      "Invalid value -1 for parameter 'timestamp' supplied: metric 'm' (value=1.5). Timestamp must be a nonnegative long (64-bit integer) ",
    ],
    ['runs/log-metric', { ...metric, key: 'a#b' }, IPV, characters('"a#b"', 'name')],
    ['runs/log-metric', { ...metric, key: '../p' }, IPV, resolves('"../p"', 'name', "'../p'")],
    ['runs/log-metric', { ...metric, key: 'a//b' }, IPV, resolves('"a//b"', 'name', "'a/b'")],
    ['runs/log-metric', { ...metric, key: '/a' }, IPV, resolves('"/a"', 'name', "'/a'")],
    ['runs/log-metric', { ...metric, key: '.' }, IPV, resolves('"."', 'name', "'.'")],
    ['runs/log-metric', { ...metric, key: 'k'.repeat(251) }, IPV, tooLong('Metric name', 250)],
    ['runs/log-metric', { ...metric, run_id: 'nope' }, RDNE, 'Run with id=nope not found'],
    [
      'runs/log-metric',
      { ...metric, run_id: 'GONE' },
      IPV,
      "The run GONE must be in the 'active' state. Current state is deleted.",
    ],
    ['runs/log-metric', { ...metric, model_id: 'm-x' }, RDNE, "Logged model with ID 'm-x' not found."],
    ['runs/log-parameter', { ...param, value: 5 }, IPV, wrong('5', 'value', 'int')],
    ['runs/log-parameter', { ...param, key: 'k'.repeat(251) }, IPV, tooLong('Param key', 250)],
    ['runs/set-tag', { ...param, key: 'k'.repeat(251) }, IPV, tooLong('key', 250)],
    ['runs/delete-tag', { run_id: 'RUN', key: 'nope' }, RDNE, 'No tag with name: nope in run with id RUN'],
    ['runs/log-batch', { run_id: 'a b' }, IPV, `Invalid value "a b" for parameter 'run_id' supplied.`],
    ['runs/log-batch', { run_id: 'RUN', metrics: many(1001, point) }, IPV, tooMany('metrics', 1000, 1001)],
    ['runs/log-batch', { run_id: 'RUN', params: many(101, { value: '' }) }, IPV, tooMany('params', 100, 101)],
    ['runs/log-batch', { run_id: 'RUN', tags: many(101, { value: '' }) }, IPV, tooMany('tags', 100, 101)],
    [
      'runs/log-batch',
      { run_id: 'RUN', metrics: many(1000, point), tags: many(1, { value: '' }) },
      IPV,
      tooMany('metrics, params, and tags', 1000, 1001),
    ],
    ['runs/log-batch', { run_id: 'RUN', metrics: [{ key: 'a', value: 1 }] }, IPV, missing('metrics[0].timestamp')],
    [
      'runs/log-batch',
      { run_id: 'RUN', metrics: many(2, point).map((m, at) => (at === 1 ? { ...m, key: 'a#b' } : m)) },
      IPV,
      characters('"a#b"', 'metrics[1].name'),
    ],
    [
      'runs/log-batch',
      { run_id: 'RUN', tags: [{ key: 'k'.repeat(251), value: '' }] },
      IPV,
      tooLong('tags[0].key', 250),
    ],
    ['runs/log-batch', { run_id: 'RUN', metrics: 'x' }, IPV, wrong('"x"', 'metrics', 'str')],
    ['runs/log-batch', { run_id: 'RUN', metrics: [null] }, IPV, wrong('null', 'metrics[0]', 'NoneType')],
    [
      'runs/log-batch',
      { run_id: 'RUN', params: [1, 1, 2].map((value) => ({ key: 'd', value: String(value) })) },
      IPV,
      "Duplicate parameter keys have been submitted: ['d', 'd']. Please ensure the request contains only one param value per param key.",
    ],
    [
      'runs/log-inputs',
      { run_id: 'RUN', datasets: [{ dataset: { name: 'x'.repeat(501), digest: 'd' } }] },
      IPV,
      tooLong('name', 500),
    ],
    ['runs/log-model', { run_id: 'RUN', model_json: '{' }, IPV, 'Malformed model info. \n { \n is not a valid JSON.'],
    ['experiments/search-datasets', {}, IPV, 'SearchDatasets request must specify at least one experiment_id.'],
  ])('%s %o', refused);
});
