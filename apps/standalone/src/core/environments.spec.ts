import { expect, it } from 'vitest';
import { readSettings } from '#runtime';
import { environmentOf, grpcAddressOf, urlOf } from './environments.js';
import { optionsOf } from './options.js';

const options = (given: NodeJS.ProcessEnv, flags = {}) =>
  optionsOf({ dataDir: '/d', ...flags }, readSettings(given), given.HOST !== undefined);

it('a flag wins over the environment, and the environment over the default', () => {
  const made = options({ REGISTRY_PORT: '6000', PREDICTOR_PORT: '6001' }, { registryPort: 7000 });
  expect(made.ports).toEqual({ registry: 7000, predictor: 6001, trainer: 8080 });
  expect(made.grpcPort).toBe(8001);
  expect(options({ PREDICTOR_GRPC_PORT: '6002' }, { predictorGrpcPort: 0 }).grpcPort).toBe(0);
});

it('listens on this machine only unless a host is named', () => {
  expect(options({}).host).toBe('127.0.0.1');
  expect(options({ HOST: '0.0.0.0' }).host).toBe('0.0.0.0');
});

it('each named part is real, the others are embedded', () => {
  expect(options({})).toMatchObject({ kafka: false, s3: false, databaseUrl: undefined });
  expect(options({ KAFKA_BROKERS: 'k:1', DATABASE_URL: 'postgres://h/d' })).toMatchObject({
    kafka: true,
    databaseUrl: 'postgres://h/d',
    s3: false,
  });
});

it('an app gets the settings that were given, addresses of the others, folders below the data folder, and nothing else', () => {
  const given = { PATH: '/bin', KAFKA_BROKERS: 'k:1', SECRET_OF_SOMEONE: 'x' };
  const made = environmentOf('trainer', options(given), 'postgres://h/d', given, ['KAFKA_BROKERS']);
  expect(made).toMatchObject({
    PATH: '/bin',
    KAFKA_BROKERS: 'k:1',
    DATABASE_URL: 'postgres://h/d',
    REGISTRY_URL: 'http://127.0.0.1:5000',
    ARTIFACTS_DIR: '/d/artifacts',
    PREDICTOR_GRPC_PORT: '8001',
  });
  expect(made).not.toHaveProperty('SECRET_OF_SOMEONE');
  expect(made).not.toHaveProperty('PREDICTOR_ID');
});

it('the address of a server that listens everywhere is this machine', () => {
  expect(urlOf('0.0.0.0', 5000)).toBe('http://127.0.0.1:5000');
  expect(urlOf('::1', 5000)).toBe('http://[::1]:5000');
  expect(grpcAddressOf('::1', 8001)).toBe('[::1]:8001');
});
