import { describe, expect, it } from 'vitest';
import { parseOrderBy } from './order-by.js';
import { parseFilter } from './search-filter.js';

const attribute = (key: string, operator: string, value: unknown) => ({ entity: 'attribute', key, operator, value });

describe("MLflow's filter language", () => {
  it.each([
    ['', []],
    ["name = 'a'", [attribute('name', '=', 'a')]],
    ["name='a'", [attribute('name', '=', 'a')]],
    [`attributes.status != "FINISHED"`, [attribute('status', '!=', 'FINISHED')]],
    [
      "name ilike '%x%' and version_number >= 3",
      [attribute('name', 'ILIKE', '%x%'), attribute('version_number', '>=', 3)],
    ],
    ["run_id IN ('a', 'b')", [attribute('run_id', 'IN', ['a', 'b'])]],
    [
      "tag.`mlflow.prompt.is_prompt` != 'true'",
      [{ entity: 'tag', key: 'mlflow.prompt.is_prompt', operator: '!=', value: 'true' }],
    ],
    ["tags.a.b = 'it and that'", [{ entity: 'tag', key: 'a.b', operator: '=', value: 'it and that' }]],
  ])('reads %s', (text, clauses) => {
    expect(parseFilter(text)).toEqual(clauses);
  });

  it.each([
    "name = 'a' OR name = 'b'",
    'name =',
    'name',
    "name = 'a' and",
    "name = 'a",
    "(name = 'a')",
    'name = a',
    'metrics.loss < 1',
    "run_id IN 'a'",
    "run_id IN ('a'",
    "name = 'a'; drop table runs",
  ])('refuses %s', (text) => {
    expect(() => parseFilter(text)).toThrow(/REQUEST_INVALID/);
  });

  it('reads order-by clauses and refuses what it does not know', () => {
    expect(parseOrderBy(['attributes.start_time DESC', '`run_name`'], ['start_time', 'run_name'])).toEqual([
      { key: 'start_time', ascending: false },
      { key: 'run_name', ascending: true },
    ]);
    for (const clause of ['nothing', 'start_time; drop', 'start_time down'])
      expect(() => parseOrderBy([clause], ['start_time'])).toThrow(/REQUEST_INVALID/);
    expect(() => parseOrderBy(['start_time', 'start_time desc'], ['start_time'])).toThrow(/duplicate/);
  });
});
