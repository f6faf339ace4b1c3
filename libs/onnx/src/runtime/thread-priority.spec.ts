import { getPriority, platform } from 'node:os';
import { afterEach, describe, expect, it } from 'vitest';
import { ThreadPriority } from './thread-priority.js';

const now = (): number => getPriority(0);

describe('ThreadPriority', () => {
  const usual = now();

  it.runIf(platform() === 'linux')('steps back and comes forward again, or stays where it is', () => {
    const priority = new ThreadPriority();
    const begun = now();
    priority.stepBack(true);
    // Whoever may not come forward again has not stepped back.
    expect([begun, Math.min(begun + 10, 19)]).toContain(now());
    priority.stepBack(false);
    expect(now()).toBe(begun);
  });

  it('is as it was when it comes forward without having stepped back', () => {
    const begun = now();
    new ThreadPriority().stepBack(false);
    expect(now()).toBe(begun);
  });

  it('does nothing where the priority is that of the whole process', () => {
    const begun = now();
    new ThreadPriority('darwin').stepBack(true);
    expect(now()).toBe(begun);
  });

  afterEach(() => {
    expect(now() - usual).toBeLessThanOrEqual(1);
  });
});
