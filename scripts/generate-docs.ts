import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { renderDocs } from './docs/render.js';

/** `npm run docs`: writes what is generated from the contracts, the error table and the settings. */
for (const [path, text] of await renderDocs()) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  process.stdout.write(`${path}\n`);
}
