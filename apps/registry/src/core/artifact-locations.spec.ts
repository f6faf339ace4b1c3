import { describe, expect, it } from 'vitest';
import { keyBelow, keyOfLocation, proxiedKey } from './artifact-locations.js';

describe('artifact paths', () => {
  it.each(['../x', 'a/../../sha256/x', '/etc/passwd', 'a\\b', 'a#b', '', '.', '/', 'a\u0000b', '..'])(
    'refuses %j',
    (path) => {
      expect(() => proxiedKey(path)).toThrow('Invalid path');
    },
  );

  it('stay below the place they are relative to', () => {
    expect(keyBelow('mlflow-artifacts:/1/r/artifacts', 'a/100%.txt')).toBe('mlflow-artifacts/1/r/artifacts/a/100%.txt');
    expect(keyBelow('mlflow-artifacts:/1/r/artifacts', '')).toBe('mlflow-artifacts/1/r/artifacts');
    expect(keyBelow('s3://bucket/x', 'a')).toBeUndefined();
    for (const path of ['../x', '/x', '%2e%2e/x', 'C:/x'])
      expect(() => keyBelow('mlflow-artifacts:/1/r/artifacts', path)).toThrow('Invalid path');
  });

  it('keeps every proxied file below its folder', () => {
    expect(proxiedKey('1/run/artifacts/a b.txt')).toBe('mlflow-artifacts/1/run/artifacts/a b.txt');
    expect(proxiedKey('sha256/abc')).toBe('mlflow-artifacts/sha256/abc');
    expect(keyOfLocation('mlflow-artifacts:/1/x')).toBe('mlflow-artifacts/1/x');
    expect(keyOfLocation('mlflow-artifacts://other-host/1/x')).toBeUndefined();
    expect(keyOfLocation('s3://bucket/x')).toBeUndefined();
  });
});
