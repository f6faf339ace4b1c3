import { Controller, Get, Header, Inject } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { openApi } from '#contracts';
import { docsPage, startScript } from './docs-page.js';
import { DocsAssets } from './docs-assets.js';

const DOCUMENT = JSON.stringify(openApi());
/** Nothing from elsewhere, no script but ours; the page sets styles and pictures of its own within itself. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'self'; base-uri 'none'; form-action 'none'";
const AN_HOUR = 'public, max-age=3600';

/** Nest takes the last slash off its own routes. The page names its parts relative to `/docs`. */
export const leadToDocs = (app: NestFastifyApplication): void => {
  app
    .getHttpAdapter()
    .getInstance()
    .get('/docs/', (_request, reply) => reply.redirect('../docs', 308));
};

/** Our own API, to read and to try. All of the page comes from this process: it works without the internet. */
@Controller('docs')
export class DocsController {
  constructor(@Inject(DocsAssets) private readonly assets: DocsAssets) {}

  @Get()
  @Header('content-type', 'text/html; charset=utf-8')
  @Header('content-security-policy', POLICY)
  page(): string {
    return docsPage;
  }

  @Get('openapi.json')
  @Header('content-type', 'application/json; charset=utf-8')
  document(): string {
    return DOCUMENT;
  }

  @Get('start.js')
  @Header('content-type', 'text/javascript; charset=utf-8')
  start(): string {
    return startScript;
  }

  @Get('swagger-ui-bundle.js')
  @Header('content-type', 'text/javascript; charset=utf-8')
  @Header('cache-control', AN_HOUR)
  script(): Promise<Buffer> {
    return this.assets.read('swagger-ui-bundle.js');
  }

  @Get('swagger-ui.css')
  @Header('content-type', 'text/css; charset=utf-8')
  @Header('cache-control', AN_HOUR)
  style(): Promise<Buffer> {
    return this.assets.read('swagger-ui.css');
  }
}
