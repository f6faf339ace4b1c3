import { readFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';
import { flow, openApi, servingApi, type EventName } from '#contracts';
import { asyncApiYaml } from './asyncapi.js';
import { eventSchema } from './event-schemas.js';
import { eventsPage } from './events-page.js';
import { configurationPage, errorsPage } from './reference-pages.js';

/** Every generated document: its path in the checkout and its text. The spec compares, `npm run docs` writes. */
export const renderDocs = async (): Promise<Map<string, string>> => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  const style = await resolveConfig('package.json');
  const pretty = (text: string): Promise<string> => format(text, { ...style, parser: 'markdown' });
  return new Map([
    ['docs/asyncapi.yaml', asyncApiYaml(version)],
    ['docs/openapi-registry.json', await format(JSON.stringify(openApi()), { ...style, parser: 'json' })],
    ['docs/openapi-predictor.json', await format(JSON.stringify(servingApi()), { ...style, parser: 'json' })],
    ['docs/events.md', await pretty(eventsPage())],
    ['docs/errors.md', await pretty(errorsPage())],
    ['docs/configuration.md', await pretty(configurationPage())],
    ...(Object.keys(flow) as EventName[]).map((event): [string, string] => [
      `docs/schemas/${event}.schema.json`,
      `${JSON.stringify(eventSchema(event), null, 2)}\n`,
    ]),
  ]);
};
