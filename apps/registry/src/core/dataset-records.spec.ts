import { describe, expect, it } from 'vitest';
import { mergedRecord, newRecord, recordsOf, schemaWith } from './dataset-records.js';
import { pythonJson } from './python-json.js';
import { readPythonJson } from './read-python-json.js';

const given = (records: string) => recordsOf(readPythonJson(records, 'records'));
const one = (record: string) => given(`[${record}]`)[0];

describe('records of evaluation datasets', () => {
  it('are the same when their inputs are, in whatever order, but not when a number is written otherwise', () => {
    const hash = (inputs: string) => one(`{"inputs": ${inputs}}`).inputHash;
    expect(hash('{"a": 1, "b": {"d": 1, "c": 2}}')).toBe(hash('{"b": {"c": 2, "d": 1}, "a": 1}'));
    expect(hash('{"a": 1}')).not.toBe(hash('{"a": 1.0}'));
    // sha256 of Python's json.dumps({"q": "ü"}, sort_keys=True)
    expect(hash('{"q": "ü"}')).toBe('b37f8e55ee44e3b3a9b6dae12b9f5d878544ea5f499fac3455db516800833c64');
  });

  it('merge: outputs are replaced, expectations and tags added, the origin stays', () => {
    const first = one(
      '{"inputs":{"q":1},"outputs":"a","expectations":{"x":1},"tags":{"mlflow.user":"al","t":"1"},"source":{"source_type":"human"}}',
    );
    const record = newRecord(first, 'dr-1', 5);
    expect(record).toMatchObject({ createdBy: 'al', updatedBy: 'al', sourceType: 'HUMAN', createdMs: 5 });
    const merged = mergedRecord(
      record,
      one('{"inputs":{"q":1},"expectations":{"y":2},"tags":{"t":"2"},"source":{"source_type":"CODE"}}'),
      9,
    );
    expect(pythonJson(merged.expectations)).toBe('{"x": 1, "y": 2}');
    expect(pythonJson(merged.tags)).toBe('{"mlflow.user": "al", "t": "2"}');
    expect(merged).toMatchObject({ outputs: 'a', createdMs: 5, updatedMs: 9, updatedBy: 'al', sourceType: 'HUMAN' });
    expect(mergedRecord(merged, one('{"inputs":{"q":1},"outputs":null}'), 9).outputs).toBeUndefined();
  });

  it('have empty outputs unless they say otherwise, and the id of the trace they came from', () => {
    expect(newRecord(one('{"inputs":{}}'), 'dr-1', 1).outputs).toEqual(new Map());
    expect(newRecord(one('{"inputs":{},"outputs":null}'), 'dr-1', 1).outputs).toBeUndefined();
    const traced = one('{"source":{"source_type":"TRACE","source_data":{"trace_id":"tr-1","source_id":"s"}}}');
    expect(newRecord(traced, 'dr-1', 1).sourceId).toBe('tr-1');
  });

  it('make the schema grow by what was not known', () => {
    const schema = schemaWith(
      undefined,
      given('[{"inputs":{"q":"a","n":1,"f":1.0},"outputs":{"o":[]},"expectations":{"e":null}}]'),
    );
    expect(pythonJson(schema)).toBe(
      '{"inputs": {"q": "string", "n": "integer", "f": "float"}, "outputs": {"o": "array"}, "expectations": {"e": "null"}, "version": "1.0"}',
    );
    const grown = schemaWith(schema, given('[{"inputs":{"q":5,"b":true},"outputs":"text"}]'));
    expect(pythonJson(grown)).toContain(
      '"inputs": {"q": "string", "n": "integer", "f": "float", "b": "boolean"}, "outputs": {"o"',
    );
    expect(pythonJson(schemaWith(undefined, given('[{"outputs":"text"}]')))).toContain('"outputs": "string"');
  });

  it.each([
    ['{}', 'a JSON list'],
    ['[5]', 'records[0]'],
    ['[{"inputs":5}]', 'records[0].inputs'],
    ['[{"inputs":null}]', 'records[0].inputs'],
    ['[{"expectations":5}]', 'records[0].expectations'],
    ['[{"source":{"source_type":"x"}}]', 'Invalid dataset record source type: X. Valid source types:'],
    ['[{"source":{"kind":"x"}}]', 'records[0].source'],
  ])('refuses %s', (records, words) => {
    expect(() => given(records)).toThrow(words);
  });
});
