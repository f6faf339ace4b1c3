import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** Files of swagger-ui-dist, read when they are first asked for: most processes never show the page. */
export class DocsAssets {
  private readonly folder = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
  private readonly kept = new Map<string, Promise<Buffer>>();

  read(name: 'swagger-ui-bundle.js' | 'swagger-ui.css'): Promise<Buffer> {
    const known = this.kept.get(name) ?? readFile(join(this.folder, name));
    this.kept.set(name, known);
    return known;
  }
}
