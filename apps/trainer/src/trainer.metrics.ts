import type { MetricSpec, Metrics } from '#runtime';
import { recipeOf } from './core/job.js';
import type { QueueDepth } from './core/jobs.js';
import type { LeaseObserver } from './core/work-on-jobs.js';

const LEASES = 'baton_trainer_leases_ended_total';
const SECONDS = 'baton_trainer_job_seconds';
const TAKEOVERS = 'baton_trainer_takeovers_total';
const DEPTH = 'baton_trainer_jobs';

/** Every metric of the trainer. */
export const trainerMetrics: readonly MetricSpec[] = [
  {
    name: LEASES,
    help: 'Leases of jobs that ended, by how: an outcome, retrying, waiting (registry or store away), released (shutdown), lost. The recipe is `preset` where it was looked up under this lease.',
    kind: 'counter',
    labels: ['end', 'recipe'],
  },
  {
    name: SECONDS,
    help: 'Time from the lease of a job to its outcome.',
    kind: 'histogram',
    labels: ['outcome'],
    buckets: [0.5, 1, 2.5, 5, 10, 30, 60, 300, 1200, 3600],
  },
  { name: TAKEOVERS, help: 'Jobs taken over from a trainer whose lease ran out.', kind: 'counter' },
  { name: DEPTH, help: 'Jobs that are not over, by state.', kind: 'gauge', labels: ['state'] },
];

const outcomes = new Set<string>(['succeeded', 'failed', 'cancelled', 'timed-out', 'skipped']);
/** Recipe names come from outside: unknown ones must not become label values. */
const named = (recipe: string, known: readonly string[]): string => (known.includes(recipe) ? recipe : 'unknown');

export const leaseMetrics = (metrics: Metrics, recipes: readonly string[]): LeaseObserver => ({
  begun: (job) => {
    if (job.takenOver) metrics.count(TAKEOVERS);
  },
  ended: (job, end, seconds) => {
    const recipe = recipeOf(job);
    metrics.count(LEASES, { end, recipe: recipe === undefined ? 'preset' : named(recipe, recipes) });
    if (outcomes.has(end)) metrics.observe(SECONDS, seconds, { outcome: end });
  },
});

export const measureDepth = (metrics: Metrics, depth: QueueDepth): void => {
  for (const [state, jobs] of Object.entries(depth)) metrics.gauge(DEPTH, jobs, { state });
};
