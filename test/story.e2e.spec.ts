import { afterAll, beforeAll, describe, it } from 'vitest';
import { playStory } from '../apps/standalone/src/demo/story.js';
import { Platform } from './platform.js';
import { stacks } from './stacks.js';

describe.each(stacks)('the story on the $stack stack', ({ stack, missing }) => {
  describe.skipIf(missing)('with its services', () => {
    let platform: Platform;
    beforeAll(async () => {
      platform = await Platform.start(stack);
    }, 900_000);
    afterAll(() => platform.close());

    it(
      'trains, swaps under load, rolls back, refuses a tampered version and swaps again, with every answer right',
      { timeout: 400_000 },
      async () => {
        platform.explainFailure();
        const told: string[] = [];
        const teller = {
          chapter: (sentence: string) => told.push(sentence),
          fact: (sentence: string) => told.push(sentence),
        };
        await playStory(platform.stack, platform.model, teller);
      },
    );
  });
});
