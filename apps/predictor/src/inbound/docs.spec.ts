import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { servingRoutes } from '#contracts';
import { eventually } from '#testing';
import { PredictorRig } from '../predictor-rig.behaviour.js';

let rig: PredictorRig;
beforeAll(async () => {
  rig = await PredictorRig.make();
  await rig.start();
  await rig.promote(1, { model: 'iris <b>' });
  await eventually(async () => {
    expect((await rig.ask('/model-info')).status).toBe(200);
  });
});
afterAll(() => rig.end());

/** `METHOD /path/{name}` of everything that is mounted, out of Fastify's own tree. */
const mounted = (): string[] => {
  const tree = rig.app?.getHttpAdapter().getInstance().printRoutes({ commonPrefix: false }) ?? '';
  const above: string[] = [];
  return tree.split('\n').flatMap((line) => {
    const found = /^([│├└─\s]*)([^\s(]*)(?: \(([^)]+)\))?$/.exec(line);
    if (found === null || found[2] === '') return [];
    const depth = found[1].length / 4;
    above.length = depth - 1;
    above.push(found[2]);
    const path = above.join('').replace(/:(\w+)/g, '{$1}');
    return (found[3] as string | undefined)?.split(', ').map((method) => `${method} ${path}`) ?? [];
  });
};

describe("the description of the predictor's routes", () => {
  it('knows every route there is, and none that is not', () => {
    const there = mounted().filter((route) => !/^(HEAD|OPTIONS) |\/docs|^GET \/v2\/$/.test(route));
    const described = servingRoutes.map(({ method, path }) => `${method} ${path}`);
    expect(there.toSorted()).toEqual(described.toSorted());
  });

  it('is served, and is what docs/openapi-predictor.json holds', async () => {
    const answer = await fetch(`${rig.url}/docs/openapi.json`);
    expect(await answer.json()).toEqual(JSON.parse(readFileSync('docs/openapi-predictor.json', 'utf8')));
  });
});

describe('the pages', () => {
  const name = encodeURIComponent('iris <b>');

  it.each(['/docs', `/docs/models/${name}`])('%s has parts that all come from here', async (path) => {
    const page = await fetch(`${rig.url}${path}`);
    expect(page.status).toBe(200);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    const html = await page.text();
    expect(html).not.toContain('<b>');
    const parts = [...html.matchAll(/(?:src|href|data-document)="([^"]+)"/g)]
      .map(([, part]) => part)
      .filter((part) => part !== 'data:,');
    expect(parts.length).toBeGreaterThanOrEqual(6);
    for (const part of parts) {
      expect(part).not.toMatch(/^(https?:)?\/\//);
      const answer = await fetch(new URL(part, `${rig.url}${path}`));
      expect([part, answer.status]).toEqual([part, 200]);
    }
  });

  it('tells of one model the columns it takes, and the examples work', async () => {
    const document = (await (await fetch(`${rig.url}/docs/models/${name}/openapi.json`)).json()) as {
      info: { title: string };
      paths: Record<string, { post?: { requestBody: { content: Record<string, { example: unknown }> } } }>;
    };
    expect(document.info.title).toBe('iris <b>, version 1');
    const asked = Object.entries(document.paths).filter(([, { post }]) => post !== undefined);
    expect(asked.map(([path]) => path.split('/').at(-1)).toSorted()).toEqual(['infer', 'invocations', 'predict']);
    for (const [path, { post }] of asked)
      for (const [type, { example }] of Object.entries(post?.requestBody.content ?? {})) {
        const body = type === 'application/json' ? JSON.stringify(example) : String(example);
        const answer = await fetch(`${rig.url}${path}`, { method: 'POST', body, headers: { 'content-type': type } });
        expect([path, type, answer.status]).toEqual([path, type, 200]);
      }
  });

  it('knows no page of a model that is not served', async () => {
    expect((await fetch(`${rig.url}/docs/models/none`)).status).toBe(404);
  });
});
