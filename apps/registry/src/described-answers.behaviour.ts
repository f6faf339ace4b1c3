import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { httpRoutes, openApi, problem } from '#contracts';

const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats.default(ajv);
ajv.addSchema(openApi(), 'api');
const compiled = new Map<string, ValidateFunction>();

const patterns = httpRoutes.map((route) => ({
  route,
  pattern: new RegExp(`^${route.path.replace(/{\w+}/g, '[^/]+')}$`),
}));

/**
 * Fails when an answer of our own API is not as the document says: a status, a field or an error code that it does not
 * know. Every test that calls the API checks the document by this.
 */
export const mustBeDescribed = (method: string, url: string, status: number, body: unknown): void => {
  const [path] = url.split('?');
  if (!path.startsWith('/api/v1/')) return;
  const found = patterns.find(({ route, pattern }) => route.method === method && pattern.test(path))?.route;
  if (found === undefined) {
    if (status !== 404) throw new Error(`${method} ${path} is not described in libs/contracts/src/http.`);
    return;
  }
  if (status >= 400) {
    mustBeDescribedError(`${method} ${found.path}`, found.path, method, body);
    return;
  }
  const answer = found.answers[status] as (typeof found.answers)[number] | undefined;
  if (answer === undefined) throw new Error(`${method} ${path} answers ${String(status)}, which is not described.`);
  if (answer.content === undefined || (answer.content.type ?? 'application/json') !== 'application/json') return;
  mustMatch(found.path, method, status, 'application/json', body);
};

const mustBeDescribedError = (name: string, path: string, method: string, body: unknown): void => {
  const { status, code } = problem.parse(body);
  const described = openApi().paths[path][method.toLowerCase()].responses as Record<string, unknown>;
  if (described[status] === undefined)
    throw new Error(`${name} answers ${String(status)} ${code}, which is not described.`);
  mustMatch(path, method, status, 'application/problem+json', body);
};

const mustMatch = (path: string, method: string, status: number, type: string, body: unknown): void => {
  const escaped = [path, type].map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1')));
  const pointer = `api#/paths/${escaped[0]}/${method.toLowerCase()}/responses/${String(status)}/content/${escaped[1]}/schema`;
  const check = compiled.get(pointer) ?? ajv.compile({ $ref: pointer });
  compiled.set(pointer, check);
  if (!check(body))
    throw new Error(
      `${method} ${path} answered ${String(status)} otherwise than it is described: ${ajv.errorsText(check.errors)}\n${JSON.stringify(body)}`,
    );
};
