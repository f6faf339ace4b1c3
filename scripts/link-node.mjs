// Puts the Node of the platform package at node_modules/.bin/node, where every `npm run` and `npx` finds it first.
// npm 11 does so by itself; npm 10 links it and then, clearing away the package of the other platform, takes it away again.
import { existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';

const packaged = `node_modules/node-${process.platform}-${process.arch}/bin/node`;
const link = 'node_modules/.bin/node';

if (existsSync(packaged) && !existsSync(link)) {
  mkdirSync('node_modules/.bin', { recursive: true });
  rmSync(link, { force: true });
  symlinkSync(`../node-${process.platform}-${process.arch}/bin/node`, link);
}
