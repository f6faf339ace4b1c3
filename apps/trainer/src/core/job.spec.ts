import { describe, expect, it } from 'vitest';
import { checkMove, isOver, jobMoves, mayMove, statesLeadingTo, type JobState } from './job.js';

const states = Object.keys(jobMoves) as JobState[];

describe('job states', () => {
  it.each([
    ['queued', 'running', true],
    ['queued', 'cancelled', true],
    ['queued', 'succeeded', false],
    ['running', 'running', true],
    ['running', 'queued', true],
    ['running', 'timed-out', true],
    ['retrying', 'running', true],
    ['retrying', 'failed', false],
    ['succeeded', 'failed', false],
    ['failed', 'running', false],
    ['cancelled', 'running', false],
    ['timed-out', 'queued', false],
    ['running', 'skipped', true],
    ['queued', 'skipped', false],
  ] as const)('%s → %s: %s', (from, to, legal) => {
    expect(mayMove(from, to)).toBe(legal);
  });

  it('leaves no way out of an outcome, and a way to each outcome', () => {
    const over = states.filter(isOver);
    expect(over).toEqual(['succeeded', 'failed', 'cancelled', 'timed-out', 'skipped']);
    for (const outcome of over) {
      expect(statesLeadingTo(outcome)).toContain('running');
      for (const state of states) expect(mayMove(outcome, state)).toBe(false);
    }
  });

  it('refuses an illegal move by name', () => {
    expect(() => {
      checkMove('succeeded', 'cancelled');
    }).toThrow('A job that is succeeded cannot become cancelled.');
  });
});
