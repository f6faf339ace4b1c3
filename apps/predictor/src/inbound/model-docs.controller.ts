import { Controller, Get, Header, Inject, Param } from '@nestjs/common';
import { modelApi } from '#contracts';
import { DOCS_POLICY, docsPage, escaped } from '#runtime/nest';
import { ModelDirectory } from '../core/model-directory.js';

/** Links to the pages of the models that are served, above the page of all routes. */
export const docsOfModels = (directory: ModelDirectory): string => {
  const links = directory
    .models()
    .map(({ name }) => `<a href="docs/models/${encodeURIComponent(name)}">${escaped(name)}</a>`);
  return links.length === 0 ? '' : `<p style="font-family: sans-serif; margin: 1em">Models: ${links.join(', ')}</p>\n`;
};

/** The API of one model, with the columns and tensors that its signature names at this moment. */
@Controller('docs/models/:name')
export class ModelDocsController {
  constructor(@Inject(ModelDirectory) private readonly directory: ModelDirectory) {}

  @Get()
  @Header('content-type', 'text/html; charset=utf-8')
  @Header('content-security-policy', DOCS_POLICY)
  page(@Param('name') name: string): string {
    const { promoted } = this.directory.accept(name);
    return docsPage({
      title: `${promoted.model}: API`,
      document: `${encodeURIComponent(promoted.model)}/openapi.json`,
      assets: '..',
      above: '<p style="font-family: sans-serif; margin: 1em"><a href="../../docs">All models</a></p>\n',
    });
  }

  @Get('openapi.json')
  @Header('content-type', 'application/json; charset=utf-8')
  document(@Param('name') name: string): object {
    const { model, version, signature } = this.directory.accept(name).promoted;
    return modelApi({ name: model, version, signature });
  }
}
