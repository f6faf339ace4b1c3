import { describe, expect, it } from 'vitest';
import { hostsAllowed } from './allowed-hosts.js';
import { isOwnOrigin, originsAllowed } from './allowed-origins.js';

const rules = {
  allowed: ['mlflow.company.com', 'app-*.dev.io', 'a.b:8443'],
  ownNames: ['build.company.com'],
  urls: [],
};

describe('hosts', () => {
  it.each([
    'localhost',
    'localhost:5000',
    '127.0.0.1:5000',
    '[::1]:5000',
    '10.1.2.3',
    '192.168.0.7:80',
    '203.0.113.9:5000',
    'registry:5000',
    'my_registry',
    'registry.baton.svc:5000',
    'registry.baton.svc.cluster.local.',
    'host.docker.internal:5000',
    'MLflow.Company.com:443',
    'app-7.dev.io',
    'a.b:8443',
    'build.company.com',
    'told.example.com:5000',
  ])('%s is let in', (host) => {
    expect(hostsAllowed({ ...rules, urls: ['http://told.example.com', undefined] })(host)).toBe(true);
  });

  it.each([
    undefined,
    '',
    'evil.com',
    '127.0.0.1.evil.com',
    '10.evil.com',
    'localhost.evil.com:5000',
    'registry.dev',
    'mlflow.company.com.evil.com',
    'xmlflow.company.com',
    'mlflowXcompany.com',
    'a.b:8444',
    '[evil.com]',
    'user@localhost',
    'localhost:5000:5000',
    '.',
  ])('%s is not', (host) => {
    expect(hostsAllowed(rules)(host)).toBe(false);
  });

  it('are all let in by *', () => {
    expect(hostsAllowed({ ...rules, allowed: ['*'] })('evil.com')).toBe(true);
  });
});

describe('origins', () => {
  const allowed = originsAllowed(['https://app.company.com', 'https://*.lab.io']);
  it.each([
    'http://localhost',
    'http://localhost:5173',
    'http://127.0.0.1:1',
    'http://[::1]:3',
    'https://app.company.com',
    'https://a.lab.io',
  ])('%s may call', (origin) => {
    expect(allowed(origin)).toBe(true);
  });
  it.each([
    'null',
    '',
    'http://app.company.com',
    'https://localhost.evil.com',
    'https://app.company.com.evil.com',
    'file://',
  ])('"%s" may not', (origin) => {
    expect(allowed(origin)).toBe(false);
  });

  it('a page that we gave is ours, port included', () => {
    expect(isOwnOrigin('https://registry.company.com', 'registry.company.com')).toBe(true);
    expect(isOwnOrigin('http://registry:5000', 'registry:5000')).toBe(true);
    expect(isOwnOrigin('http://registry:5001', 'registry:5000')).toBe(false);
    expect(isOwnOrigin('null', 'registry:5000')).toBe(false);
  });
});
