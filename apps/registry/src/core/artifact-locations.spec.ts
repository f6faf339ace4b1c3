import { describe, expect, it } from 'vitest';
import { keyOfLocation, parseSource, proxiedKey } from './artifact-locations.js';

describe('artifact paths', () => {
  it.each([
    '../x',
    'a/../../sha256/x',
    '/etc/passwd',
    'a//b',
    'a\\b',
    'a#b',
    'a/./b',
    'a/%2e%2e/b',
    'a%2fb',
    '',
    'a\u0000b',
    '..',
  ])('refuses %j', (path) => {
    expect(() => proxiedKey(path)).toThrow('Invalid path');
  });

  it('keeps every proxied file below its folder', () => {
    expect(proxiedKey('1/run/artifacts/a b.txt')).toBe('mlflow-artifacts/1/run/artifacts/a b.txt');
    expect(proxiedKey('sha256/abc')).toBe('mlflow-artifacts/sha256/abc');
    expect(keyOfLocation('mlflow-artifacts:/1/x')).toBe('mlflow-artifacts/1/x');
    expect(keyOfLocation('mlflow-artifacts://other-host/1/x')).toBeUndefined();
    expect(keyOfLocation('s3://bucket/x')).toBeUndefined();
  });

  it.each([
    '/etc/passwd',
    'file:///etc/passwd',
    'mlflow-artifacts:/1/../2',
    'mlflow-artifacts:/1/%2e%2e/2',
    '..',
    'models/x',
  ])('refuses the source %s', (source) => {
    expect(() => parseSource(source)).toThrow('Invalid model version source');
  });

  it('reads sources', () => {
    expect(parseSource('models:/m-0af')).toEqual({ kind: 'logged-model', modelId: 'm-0af' });
    expect(parseSource('models:/Iris/3')).toEqual({ kind: 'version', name: 'Iris', version: 3 });
    expect(parseSource('runs:/abc/model')).toEqual({ kind: 'run', runId: 'abc', path: 'model' });
    expect(parseSource('mlflow-artifacts:/1/x')).toEqual({ kind: 'location', location: 'mlflow-artifacts:/1/x' });
  });
});
