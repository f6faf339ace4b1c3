import { describe, expect, it } from 'vitest';
import { PlatformError } from '#runtime';
import type { Entity, Test } from './clauses.js';
import * as grammars from './grammars.js';
import { parseLoggedModelOrder, parseOrderBy } from './order-by.js';
import { parseFilter } from './parse-filter.js';

const clause = (entity: Entity, key: string, operator: string, value?: unknown) => {
  const typed =
    value === undefined
      ? { type: 'presence' }
      : Array.isArray(value)
        ? { type: 'list', values: value as unknown }
        : { type: typeof value === 'number' ? 'number' : 'text', value };
  return { entity, key, test: { ...typed, operator } as Test };
};
const attribute = (key: string, operator: string, value: unknown) => clause('attribute', key, operator, value);
const { runs, experiments, registeredModels, modelVersions, loggedModels, evaluationDatasets } = grammars;

describe("MLflow's filter language", () => {
  it.each([
    [runs, '', []],
    [runs, 'metrics.loss < 0.5', [clause('metric', 'loss', '<', 0.5)]],
    [runs, 'metric.`a b.c`>=-1e-3', [clause('metric', 'a b.c', '>=', -0.001)]],
    [runs, 'metrics.5x = .5 AND metrics.y != 5.', [clause('metric', '5x', '=', 0.5), clause('metric', 'y', '!=', 5)]],
    [runs, `params."a.b" = "it's"`, [clause('param', 'a.b', '=', "it's")]],
    [
      runs,
      "parameter.lr LIKE '0.%' and parameters.x ilike 'A'",
      [clause('param', 'lr', 'LIKE', '0.%'), clause('param', 'x', 'ILIKE', 'A')],
    ],
    [
      runs,
      'tags.a.b.c IS NULL AND tag.x is not null',
      [clause('tag', 'a.b.c', 'IS NULL'), clause('tag', 'x', 'IS NOT NULL')],
    ],
    [
      runs,
      "attr.status='FINISHED' AND run.user_id != 'x'",
      [attribute('status', '=', 'FINISHED'), attribute('user_id', '!=', 'x')],
    ],
    [
      runs,
      'created > 5.5 AND attributes.Created <= 7',
      [attribute('start_time', '>', 5.5), attribute('start_time', '<=', 7)],
    ],
    [runs, "`Run name` = 'a'", [attribute('run_name', '=', 'a')]],
    [
      runs,
      `run_id IN ('a', "b",) AND run_id not in ('C','d')`,
      [attribute('run_id', 'IN', ['a', 'b']), attribute('run_id', 'NOT IN', ['d'])],
    ],
    [
      runs,
      "datasets.context IN ('train') AND dataset.name != 'x'",
      [clause('dataset', 'context', 'IN', ['train']), clause('dataset', 'name', '!=', 'x')],
    ],
    [
      runs,
      "tags.x = 'it''s' AND tags.y = 'a\\'b' AND tags.z = 'C:\\'",
      [clause('tag', 'x', '=', "it''s"), clause('tag', 'y', '=', "a\\'b"), clause('tag', 'z', '=', 'C:\\')],
    ],
    [
      runs,
      "AND tags.order = 'and' AND\n and tags.`` = ''",
      [clause('tag', 'order', '=', 'and'), clause('tag', '', '=', '')],
    ],
    [
      experiments,
      "attribute.name ILIKE '%x%' AND creation_time >= 3",
      [attribute('name', 'ILIKE', '%x%'), attribute('creation_time', '>=', 3)],
    ],
    [experiments, "name = 'a' name != 'b'", [attribute('name', '=', 'a'), attribute('name', '!=', 'b')]],
    [experiments, "experiment_id IN ('0', '1')", [attribute('experiment_id', 'IN', ['0', '1'])]],
    [
      registeredModels,
      "tag.`mlflow.prompt.is_prompt` != 'true'",
      [clause('tag', 'mlflow.prompt.is_prompt', '!=', 'true')],
    ],
    [
      modelVersions,
      "version_number > 2 AND version_number = '5'",
      [attribute('version_number', '>', 2), attribute('version_number', '=', 5)],
    ],
    [
      loggedModels,
      'params.lr = 0.01 AND name = model AND creation_time > 1',
      [clause('param', 'lr', '=', '0.01'), attribute('name', '=', 'model'), attribute('creation_timestamp', '>', 1)],
    ],
    [loggedModels, "tags.x IN ('a')", [clause('tag', 'x', 'IN', ['a'])]],
    [
      evaluationDatasets,
      "tags.x LIKE 'a%' AND created_time < 3",
      [clause('tag', 'x', 'LIKE', 'a%'), attribute('created_time', '<', 3)],
    ],
  ])('%# reads', (grammar, text, clauses) => {
    expect(parseFilter(text, grammar)).toEqual(clauses);
  });

  it.each([
    [runs, ' ', "Invalid filter ' '. Could not be parsed."],
    [
      runs,
      "status = 'a' OR status = 'b'",
      "Invalid clause(s) in filter string: 'OR' (character 14 of the filter string)",
    ],
    [runs, "(status = 'a')", "Invalid clause(s) in filter string: '('"],
    [runs, "status = 'a'; drop table runs", "Invalid clause(s) in filter string: ';'"],
    [runs, "status = 'a' status", "Invalid clause(s) in filter string: 'status' (character 14"],
    [runs, "status = 'a' tags.x > 5", "Invalid clause(s) in filter string: 'tags' (character 14"],
    [runs, 'status', "Invalid clause(s) in filter string: 'status'"],
    [runs, 'status =', 'Expected a quoted string value for attributes'],
    [runs, "status = 'a", "Expected a quoted string value for attributes. Got value '"],
    [runs, 'status = a', 'Parameter value is either not quoted'],
    [runs, 'status = `a`', 'Parameter value is either not quoted'],
    [runs, "tags.f1-score = 'a'", "Invalid clause(s) in filter string: '-'"],
    [runs, 'tags.x = 5', "Expected a quoted string value for tag (e.g. 'my-value'). Got value 5"],
    [runs, "tags.x > '5'", "Invalid comparator '>' not one of ['=', '!=', 'LIKE', 'ILIKE', 'IS NULL', 'IS NOT NULL']"],
    [runs, "tags.x NOT LIKE '5'", "Invalid comparator 'NOT LIKE'"],
    [runs, "metrics.x = 'a'", "Expected numeric value type for metric. Found 'a' (character 13"],
    [runs, 'metrics.x LIKE 5', "Invalid comparator 'LIKE'"],
    [runs, 'metrics.x IS NULL', "IS NULL / IS NOT NULL is only supported for tags and params, not for 'metric' 'x'"],
    [runs, 'start_time > x', 'Expected numeric value type for numeric attribute: start_time. Found x'],
    [runs, "status IN ('a')", "Only ['run_id'] attributes support comparison with a list of quoted string values."],
    [runs, 'run_id IN ()', 'expected a non-empty list of string values, but got empty list'],
    [runs, 'run_id IN (1)', "expected string value, punctuation, or whitespace, but got '1'"],
    [runs, "run_id IN ('a'", 'ill-formed list'],
    [runs, "run_id = ('a')", 'a list is compared by IN or NOT IN'],
    [runs, "nothing = 'a'", "Invalid attribute key 'nothing' specified. Valid keys are ['run_id', "],
    [runs, "constructor = 'a'", "Invalid attribute key 'constructor' specified"],
    [runs, "toString.x = 'a'", "Invalid entity type 'toString'"],
    [runs, "dataset.size = 'a'", "Invalid dataset key 'size' specified. Valid keys are ['name', 'digest', 'context']"],
    [runs, "Tags.x = 'a'", "Invalid entity type 'Tags'"],
    [runs, "tags.x LIKE 'a\\\\\\'", 'A pattern can not end with a backslash'],
    [runs, "tags.x = 'a\0'", 'characters that no text has'],
    [runs, "tags.x = '\ud800'", 'characters that no text has'],
    [experiments, "attributes.name = 'a'", "Invalid entity type 'attributes'"],
    [experiments, 'creation_time > 1.5', "Invalid value for numeric attribute 'creation_time': '1.5'"],
    [experiments, "experiment_id = 'a'", "Invalid experiment ID 'a'. Experiment ID must be an integer."],
    [experiments, 'metrics.x > 1', "Invalid entity type 'metrics'"],
    [registeredModels, 'tags.x IS NULL', 'IS NULL / IS NOT NULL is only supported'],
    [modelVersions, "version_number = 'a'", "Invalid value for numeric attribute 'version_number': 'a'"],
    [
      loggedModels,
      "tag.x = 'a'",
      "Invalid entity type: 'tag'. Expected one of ['attributes', 'metrics', 'params', 'tags'].",
    ],
    [loggedModels, "name > 'a'", "Invalid comparison operator for attributes.name: '>'."],
    [loggedModels, 'metrics.x LIKE 5', "Invalid comparison operator for metrics.x: 'LIKE'."],
    [loggedModels, "name = 'a' OR name = 'b'", "Expected a list of comparisons separated by 'AND'"],
    [registeredModels, "name > 'a'", 'Invalid comparator for attribute: >'],
    [registeredModels, "name AND tag.x != 'true'", "Invalid clause(s) in filter string: 'name'"],
    [modelVersions, "version_number LIKE '1'", 'Invalid comparator for attribute version_number: LIKE'],
    [modelVersions, "tags.x > 'a'", 'Invalid comparator for tag: >'],
    [evaluationDatasets, "name NOT IN ('a')", "Invalid comparator 'NOT IN'"],
  ])('%# refuses', (grammar, text, message) => {
    expect(() => parseFilter(text, grammar)).toThrow(
      expect.objectContaining({ code: 'REQUEST_INVALID', detail: expect.stringContaining(message) as string }),
    );
  });

  it.each([
    'x'.repeat(1e6),
    "tags.a = '" + 'a'.repeat(1e6) + "'",
    "tags.a = 'b' AND ".repeat(1e5),
    'tags.a = ' + "'".repeat(199_000),
    'tags.a = ' + "\\'".repeat(99_000),
    "tags.a = '" + "\\'".repeat(99_000),
    '`'.repeat(199_999),
    '('.repeat(199_000),
    'run_id IN (' + '('.repeat(100_000),
    'run_id IN (' + "'a',".repeat(49_000) + 'x',
    '.'.repeat(199_000),
    'tags' + '.a'.repeat(99_000),
    'metrics.x > ' + '1'.repeat(190_000) + 'x',
    ' '.repeat(199_999) + 'x',
    'AND '.repeat(49_000) + 'x',
  ])('%# reads or refuses what was built to explode', (text) => {
    expect(() => {
      try {
        parseFilter(text, runs);
      } catch (error) {
        if (!(error instanceof PlatformError)) throw error;
      }
    }).not.toThrow();
  });
});

describe("MLflow's order-by clauses", () => {
  it('are read', () => {
    expect(parseOrderBy(['metrics.`a b` DESC', 'Created', 'tag.x asc', ' `run_name` '], runs)).toEqual([
      { entity: 'metric', key: 'a b', ascending: false },
      { entity: 'attribute', key: 'start_time', ascending: true },
      { entity: 'tag', key: 'x', ascending: true },
      { entity: 'attribute', key: 'run_name', ascending: true },
    ]);
    expect(parseOrderBy(['timestamp DESC'], registeredModels)).toEqual([
      { entity: 'attribute', key: 'last_updated_timestamp', ascending: false },
    ]);
    expect(
      parseLoggedModelOrder(
        [
          { field_name: 'metrics.a.b', ascending: false, dataset_name: 'd' },
          { field_name: 'creation_time', ascending: true },
        ],
        loggedModels,
      ),
    ).toEqual([
      { entity: 'metric', key: 'a.b', ascending: false, dataset: { name: 'd' } },
      { entity: 'attribute', key: 'creation_timestamp', ascending: true },
    ]);
  });

  it.each([
    [runs, ['nothing'], "Invalid attribute key 'nothing' specified"],
    [runs, ['`Run Name`'], "Invalid attribute key 'Run Name' specified"],
    [runs, ['dataset.name'], 'Invalid order_by entity: dataset'],
    [runs, ['run_name up'], "Invalid ordering key in order_by clause 'run_name up'."],
    [runs, ['run_name; drop'], "Invalid order_by clause 'run_name; drop'. Could not be parsed."],
    [runs, ['run_name desc x'], 'Could not be parsed'],
    [runs, [' '], 'Could not be parsed'],
    [runs, ['created', 'start_time desc'], '`order_by` contains duplicate fields'],
    [registeredModels, ['timestamp', 'last_updated_timestamp'], 'duplicate'],
    [experiments, ['tags.x'], 'Invalid order_by entity: tag'],
    [runs, Array.from({ length: 21 }, (_, at) => `metrics.m${String(at)}`), 'at most 20'],
  ])('%# are refused', (grammar, clauses, message) => {
    expect(() => parseOrderBy(clauses, grammar)).toThrow(message);
  });

  it.each(['params.x', 'nothing', 'metrics.'])('of logged models know no %s', (field_name) => {
    expect(() => parseLoggedModelOrder([{ field_name, ascending: true }], loggedModels)).toThrow(
      'Invalid order by field',
    );
  });
});
