import { join } from 'node:path';
import { readJsonText } from '#runtime';
import { openPlainFile } from '../plain-file.js';

/** Far more than metrics and names take; a result is read into the trainer's own memory. */
const MOST_BYTES = 8 * 1024 * 1024;

/** `output/result.json` of a recipe that is over, or why there is none. */
export type ResultJson = { json: unknown; fault?: undefined } | { json?: undefined; fault: string };

export const resultJson = async (folder: string): Promise<ResultJson> => {
  const found = await openPlainFile(join(folder, 'output', 'result.json'));
  if (found === undefined) return { fault: 'there is no such file that can be read' };
  try {
    if (found.sizeBytes > MOST_BYTES) return { fault: `it has more than ${String(MOST_BYTES / 1024 / 1024)} MiB` };
    return { json: readJsonText(await found.file.readFile('utf8')) };
  } catch {
    return { fault: 'it is no JSON' };
  } finally {
    await found.file.close();
  }
};
