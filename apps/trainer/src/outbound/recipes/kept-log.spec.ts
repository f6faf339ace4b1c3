import { existsSync } from 'node:fs';
import { expect, it } from 'vitest';
import { KeptLog } from './kept-log.js';

it.skipIf(!existsSync('/dev/full'))('a log that the disk has no room for ends all the same', async () => {
  const log = new KeptLog('/dev/full');
  for (let line = 0; line < 100; line += 1) {
    log.keep('x'.repeat(10_000));
    await new Promise((resolve) => setImmediate(resolve));
  }
  await expect(log.close()).resolves.toBeUndefined();
});
