import { Controller, Get, Header, Inject, Module, type DynamicModule, type ModuleMetadata } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocsAssets } from './docs-assets.js';
import { DOCS_POLICY, docsPage, startScript } from './docs-page.js';

const AN_HOUR = 'public, max-age=3600';
type Tokens<P extends unknown[]> = { [K in keyof P]: abstract new (...args: never[]) => P[K] };

/** Nest takes the last slash off its own routes. The page names its parts relative to `/docs`. */
export const leadToDocs = (app: NestFastifyApplication): void => {
  app
    .getHttpAdapter()
    .getInstance()
    .get('/docs/', (_request, reply) => reply.redirect('../docs', 308));
};

abstract class ApiDocs {
  abstract readonly title: string;
  abstract document(): object;
  /** HTML above the document. */
  abstract above(): string;
}

/** What an app offers, to read and to try. All of the page comes from this process: it works without the internet. */
@Controller('docs')
export class DocsController {
  constructor(
    @Inject(ApiDocs) private readonly docs: ApiDocs,
    @Inject(DocsAssets) private readonly assets: DocsAssets,
  ) {}

  @Get()
  @Header('content-type', 'text/html; charset=utf-8')
  @Header('content-security-policy', DOCS_POLICY)
  page(): string {
    const { title } = this.docs;
    return docsPage({ title, document: 'docs/openapi.json', assets: 'docs', above: this.docs.above() });
  }

  @Get('openapi.json')
  @Header('content-type', 'application/json; charset=utf-8')
  document(): string {
    return JSON.stringify(this.docs.document());
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

/** `GET /docs`: an OpenAPI document, shown by Swagger UI. */
@Module({})
export class DocsModule {
  /** `above` is given the providers named by `inject`; `imports` are the modules that export them. */
  static register<P extends unknown[]>(options: {
    title: string;
    document: object;
    above?: (...parts: P) => string;
    inject?: Tokens<P>;
    imports?: ModuleMetadata['imports'];
  }): DynamicModule {
    const { title, document, above } = options;
    return {
      module: DocsModule,
      imports: options.imports ?? [],
      controllers: [DocsController],
      providers: [
        { provide: DocsAssets, useFactory: () => new DocsAssets() },
        {
          provide: ApiDocs,
          inject: [...(options.inject ?? [])],
          useFactory: (...parts: P): ApiDocs => ({
            title,
            document: () => document,
            above: () => above?.(...parts) ?? '',
          }),
        },
      ],
    };
  }
}
