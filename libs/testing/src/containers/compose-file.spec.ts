import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { images } from './images.js';

const text = readFileSync('docker-compose.kafka.yml', 'utf8');
const compose = parse(text, { merge: true }) as {
  services: Record<string, { image: string; healthcheck?: unknown; build?: { target: string } }>;
};

describe('docker-compose.kafka.yml', () => {
  it('runs the same images as the tests in containers', () => {
    expect({
      kafka: compose.services.kafka.image,
      postgres: compose.services.postgres.image,
      s3: compose.services.s3.image,
    }).toEqual(images);
  });

  it('has every setting in .env.example, with the same default, and no other', () => {
    const used = Object.fromEntries(
      [...text.matchAll(/\$\{(\w+):?-([^}]*)\}/g)].map(([, name, value]) => [name, value]),
    );
    const listed = Object.fromEntries(
      readFileSync('.env.example', 'utf8')
        .split('\n')
        .filter((line) => line !== '' && !line.startsWith('#'))
        .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
    );
    expect(listed).toEqual(used);
    expect(text.match(/\$\{\w+\}/), 'a setting without a default').toBeNull();
  });

  it('checks the health of each service: in the file, or in the Dockerfile of an app', () => {
    const dockerfile = readFileSync('deploy/docker/Dockerfile', 'utf8');
    for (const [name, service] of Object.entries(compose.services)) {
      const stage = dockerfile
        .split(/^FROM /m)
        .find((each) => each.startsWith(`app AS ${service.build?.target ?? '-'}\n`));
      expect(service.healthcheck !== undefined || stage?.includes('HEALTHCHECK') === true, name).toBe(true);
    }
  });
});
