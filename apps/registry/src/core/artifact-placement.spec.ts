import { describe, expect, it } from 'vitest';
import { placeArtifacts } from './artifact-placement.js';

describe('where the artifacts of an experiment lie', () => {
  it.each([undefined, ''])('is its own folder when none is named', (location) => {
    expect(placeArtifacts(location)).toEqual({});
  });

  it.each([
    'file:///mlflow/mlruns/1',
    '/mlflow/x',
    './mlruns',
    'mlruns',
    String.raw`C:\mlruns`,
    's3://bucket/x',
    's3://bucket/x;a',
    's3://bucket/x?a=b',
    'gs://bucket',
    'wasbs://c@account.blob.core.windows.net/x',
    'dbfs:/x',
  ])('is its own folder when a client wanted %s, which is noted', (location) => {
    expect(placeArtifacts(location)).toEqual({ wanted: location });
  });

  it.each([
    ['mlflow-artifacts:/foo', 'mlflow-artifacts:/foo'],
    ['mlflow-artifacts:/foo/bar/', 'mlflow-artifacts:/foo/bar'],
    ['mlflow-artifacts:///foo', 'mlflow-artifacts:/foo'],
  ])('is a folder of the proxy: %s', (given, location) => {
    expect(placeArtifacts(given)).toEqual({ location });
  });

  it.each([
    ['s3://b/x#f', "'artifact_location' URL can't include fragments or params."],
    ['/mlflow/x;a', "'artifact_location' URL can't include fragments or params."],
    ['s3://b/x?a=../..', 'Invalid query string'],
    ['s3://b/x?a=%252e%252e', 'Invalid query string'],
    ['http://h/x', "'artifact_location' cannot use the 'http' scheme"],
    ['sftp://h/x', "'artifact_location' cannot use the 'sftp' scheme"],
    ['mlflow-artifacts://host/foo', "'artifact_location' cannot use the 'mlflow-artifacts' scheme"],
    ['runs:/abc/x', "Artifact location cannot be a runs:/ URI. Given: 'runs:/abc/x'"],
    [`s3://b/${'x'.repeat(2048)}`, 'Invalid artifact path length.'],
    ['mlflow-artifacts:/../x', 'Invalid path'],
    ['mlflow-artifacts:/a/%2e%2e/b', 'Invalid path'],
    ['mlflow-artifacts:/', 'Invalid path'],
    [String.raw`mlflow-artifacts:/a\..\b`, 'Invalid path'],
  ])('refuses %s', (location, detail) => {
    expect(() => placeArtifacts(location)).toThrow(detail);
  });
});
