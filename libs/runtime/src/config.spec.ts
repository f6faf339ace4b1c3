import { describe, expect, it } from 'vitest';
import { describeSettings, readSettings, required } from './config.js';
import { PlatformError } from './platform-error.js';

const faultsOf = (environment: NodeJS.ProcessEnv): string => {
  try {
    readSettings(environment);
  } catch (error) {
    expect(error).toBeInstanceOf(PlatformError);
    return (error as PlatformError).detail;
  }
  return '';
};

describe('readSettings', () => {
  it('has a default for everything that is not a real part', () => {
    expect(readSettings({})).toMatchObject({ REGISTRY_PORT: 5000, PREDICTOR_PORT: 8000, TRAINER_PORT: 8080 });
  });

  it('takes an empty variable for unset, splits lists and reads numbers', () => {
    const settings = readSettings({ KAFKA_BROKERS: 'a:1, b:2,', REGISTRY_PORT: '0', DATABASE_URL: '' });
    expect(settings).toMatchObject({ KAFKA_BROKERS: ['a:1', 'b:2'], REGISTRY_PORT: 0 });
    expect(settings.DATABASE_URL).toBeUndefined();
  });

  it('names every fault at once, those between settings too', () => {
    const faults = faultsOf({
      REGISTRY_PORT: '70000',
      TRAINER_LEASE_MS: 'soon',
      LOG_LEVEL: 'loud',
      S3_ENDPOINT: 'http://127.0.0.1:9000',
    });
    for (const name of ['REGISTRY_PORT', 'TRAINER_LEASE_MS', 'LOG_LEVEL', 'S3_ACCESS_KEY'])
      expect(faults).toContain(name);
  });

  it('never shows the value of a secret', () => {
    const faults = faultsOf({ DATABASE_URL: 'mysql://me:hunter2@db/x' });
    expect(faults).toContain('DATABASE_URL');
    expect(faults).not.toContain('hunter2');
  });

  it('is frozen', () => {
    expect(Object.isFrozen(readSettings({}))).toBe(true);
  });
});

it('a setting that is required says what to do', () => {
  expect(() => required(readSettings({}), 'DATABASE_URL')).toThrow(/Set DATABASE_URL.*npm start/);
  expect(required(readSettings({}), 'S3_BUCKET')).toBe('baton');
});

it('every setting has a description, and secrets have no default', () => {
  for (const { name, description, byDefault, secret } of describeSettings()) {
    expect(description, name).toMatch(/^\S.*[.]$/);
    if (secret) expect(byDefault, name).toBeUndefined();
  }
});
