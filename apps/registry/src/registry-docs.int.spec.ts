import 'reflect-metadata';
import { readFileSync } from 'node:fs';
import { RequestMethod, type Type } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { ModulesContainer } from '@nestjs/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { httpRoutes } from '#contracts';
import { services } from '#testing';
import { registryUnderTest, type RegistryUnderTest } from './registry.behaviour.js';

describe.skipIf(!services().postgres)("the description of the registry's own API", () => {
  let registry: RegistryUnderTest;
  beforeAll(async () => {
    registry = await registryUnderTest();
  });
  afterAll(() => registry.close());

  it('knows every route there is, and none that is not', () => {
    const there = routesOf(registry).filter((route) => route.includes(' /api/v1/'));
    const described = httpRoutes.map(({ method, path }) => `${method} ${path.replace(/{(\w+)}/g, ':$1')}`);
    expect(described.toSorted()).toEqual(there.toSorted());
  });

  it('is served, and is what docs/openapi-registry.json holds', async () => {
    const answer = await fetch(`${registry.url}/docs/openapi.json`);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual(JSON.parse(readFileSync('docs/openapi-registry.json', 'utf8')));
  });

  it('is a page whose parts all come from here', async () => {
    const page = await fetch(`${registry.url}/docs`);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    const html = await page.text();
    const parts = [...html.matchAll(/(?:src|href)="([^"]+)"/g)]
      .map(([, part]) => part)
      .filter((part) => part !== 'data:,');
    expect(parts.length).toBe(4);
    for (const part of parts) {
      expect(part).not.toMatch(/^(https?:)?\/\//);
      const answer = await fetch(new URL(part, `${registry.url}/docs`));
      expect([part, answer.status]).toEqual([part, 200]);
      expect((await answer.arrayBuffer()).byteLength).toBeGreaterThan(100);
    }
  });
});

/** What the controllers were decorated with: `GET /api/v1/models/:name`. */
const routesOf = ({ app }: RegistryUnderTest): string[] =>
  [...app.get(ModulesContainer).values()].flatMap(({ controllers }) =>
    [...controllers.values()].flatMap(({ metatype }) => {
      const controller = metatype as Type;
      const prototype = controller.prototype as Record<string, unknown>;
      return Object.getOwnPropertyNames(prototype).flatMap((name) => {
        const handler = prototype[name];
        if (typeof handler !== 'function' || !Reflect.hasMetadata(METHOD_METADATA, handler)) return [];
        const method = RequestMethod[Reflect.getMetadata(METHOD_METADATA, handler) as RequestMethod];
        return asList(Reflect.getMetadata(PATH_METADATA, controller)).flatMap((prefix) =>
          asList(Reflect.getMetadata(PATH_METADATA, handler)).map(
            (path) =>
              `${method} /${[prefix, path]
                .flatMap((part) => part.split('/'))
                .filter(Boolean)
                .join('/')}`,
          ),
        );
      });
    }),
  );

const asList = (path: unknown): string[] => (Array.isArray(path) ? (path as string[]) : [String(path)]);
