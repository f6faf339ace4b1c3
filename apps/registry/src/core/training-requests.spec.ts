import { describe, expect, it } from 'vitest';
import { trainingCompleted, trainingProgressed, trainingRequested, type TrainingRequestView } from '#contracts';
import { afterCompletion, afterProgress, afterRequest, unheard } from './training-requests.js';

const id = '00000000-0000-8000-8000-000000000001';
const at = '2026-01-01T00:00:00.000Z';
const request = trainingRequested.parse({ model: 'm', recipe: 'random-forest' });
const event = (state: 'queued' | 'running' | 'retrying', attempt: number) =>
  trainingProgressed.parse({ requestId: id, model: 'm', state, attempt, message: `${state} ${String(attempt)}` });
const end = trainingCompleted.parse({
  requestId: id,
  model: 'm',
  outcome: 'succeeded',
  attempts: 2,
  version: 3,
  runId: 'r',
  endedAt: at,
});

type Step = (view: TrainingRequestView) => TrainingRequestView;
const steps: Record<string, Step> = {
  requested: (view) => afterRequest(view, '/x', request, at),
  queued: (view) => afterProgress(view, event('queued', 0)),
  running: (view) => afterProgress(view, event('running', 1)),
  retrying: (view) => afterProgress(view, event('retrying', 1)),
  again: (view) => afterProgress(view, event('running', 2)),
  completed: (view) => afterCompletion(view, end),
};
const play = (names: string[]) => names.reduce((view, name) => steps[name](view), unheard(id, 'm', at));

describe('the list of training requests', () => {
  it.each([
    ['requested', 'queued'],
    ['requested queued running', 'running'],
    ['requested running queued', 'running'],
    ['requested running retrying again running', 'running'],
    ['requested completed running', 'succeeded'],
    ['completed requested', 'succeeded'],
    ['running requested', 'running'],
    ['again running requested', 'running'],
  ])('after %s it is %s', (names, state) => {
    expect(play(names.split(' ')).state).toBe(state);
  });

  it('ends the same in every order that ends with all heard', () => {
    const expected = play(['requested', 'queued', 'running', 'again', 'completed']);
    for (const order of [
      'completed requested again running queued',
      'again completed queued requested running',
      'running completed again queued requested',
    ])
      expect(play(order.split(' '))).toEqual({ ...expected, message: expected.message });
  });
});
