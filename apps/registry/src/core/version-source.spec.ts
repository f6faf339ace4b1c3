import { describe, expect, it } from 'vitest';
import { liesWithin, parseSource } from './version-source.js';

const read = (source: string) => parseSource(source, 'run_id');

describe('the source of a version', () => {
  it.each([
    ['a local path', '/etc/passwd', 'To use a local path'],
    ['a local path by its scheme', 'file:///etc/passwd', 'To use a local path'],
    ['a relative path', 'models/x', 'To use a local path'],
    ['a share', '\\\\host\\x', 'To use a local path'],
    ['a drive', 'C:\\x', 'an absolute path must be provided'],
    ['traversal', 'mlflow-artifacts:/1/../2', 'an absolute path must be provided'],
    ['encoded traversal', 'mlflow-artifacts:/1/%2e%2e/2', 'an absolute path must be provided'],
    ['traversal encoded twice', 'mlflow-artifacts:/1/%252E%252e/2', 'an absolute path must be provided'],
    ['traversal behind an encoded slash', 's3://b/..%2f..%2fx', 'an absolute path must be provided'],
    ['traversal behind a fragment', 's3://b/x#/../..', 'an absolute path must be provided'],
    ['an encoded end of text', 'mlflow-artifacts:/1/x%00', 'an absolute path must be provided'],
    ['a folder of itself', 'mlflow-artifacts:/1/./2', 'an absolute path must be provided'],
    ['a bucket without a path', 's3:bucket', 'an absolute path must be provided'],
    ['encodings without end', `s3://b/%${'25'.repeat(40)}2e`, 'an absolute path must be provided'],
    ['a web host', 'http://169.254.169.254/latest', "cannot use the 'http' scheme"],
    ['a file host', 'ftp://host/x', "cannot use the 'ftp' scheme"],
    ['another tracking server', 'mlflow-artifacts://host:80/x', "cannot use the 'mlflow-artifacts' scheme"],
    ['another registry', 'models://host/Iris/1', 'must use the active model registry'],
    ['a run of another server', 'runs://host/abc/model', 'run_id request parameter must identify'],
    ['no model', 'models:/', 'model_id request parameter must identify'],
    ['no alias', 'models:/Iris@', 'model_id request parameter must identify'],
    ['too many parts', 'models:/Iris/1/2', 'model_id request parameter must identify'],
  ])('refuses %s', (_, source, words) => {
    expect(() => read(source)).toThrow(words);
  });

  it.each([
    ['models:/m-0af', { kind: 'logged-model', modelId: 'm-0af' }],
    ['models:/Iris/03', { kind: 'version', name: 'Iris', wanted: { version: 3 } }],
    ['models:/Iris/LATEST', { kind: 'version', name: 'Iris', wanted: 'latest' }],
    ['models:/Iris/staging', { kind: 'version', name: 'Iris', wanted: { stage: 'staging' } }],
    ['models:/a@b@best', { kind: 'version', name: 'a@b', wanted: { alias: 'best' } }],
    ['runs:/abc/a/model', { kind: 'run', runId: 'abc', path: 'a/model' }],
    ['runs:/abc', { kind: 'run', runId: 'abc', path: '' }],
    ['mlflow-artifacts:/1/x', { kind: 'location', location: 'mlflow-artifacts:/1/x' }],
    ['s3://bucket/a b', { kind: 'location', location: 's3://bucket/a b' }],
  ])('reads %s', (source, expected) => {
    expect(read(source)).toEqual(expected);
  });

  it('lies within a root by whole segments, however it is written', () => {
    const root = 'mlflow-artifacts:/1/abc/artifacts';
    expect(liesWithin('mlflow-artifacts:/1/abc/artifacts/model', root)).toBe(true);
    expect(liesWithin('mlflow-artifacts:/1//%61bc/artifacts', root)).toBe(true);
    expect(liesWithin('mlflow-artifacts:/1/abc/artifacts2', root)).toBe(false);
    expect(liesWithin('mlflow-artifacts:/1/abc', root)).toBe(false);
    expect(liesWithin('s3://h/1/abc/artifacts', root)).toBe(false);
    expect(liesWithin('s3://h/x', 's3://h')).toBe(false);
  });
});
