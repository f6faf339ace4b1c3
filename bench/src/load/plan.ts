import type { WorkloadArguments, WorkloadName } from './workloads.js';

/** What the generator is asked to do: so many clients, each with a connection of its own, for a time or a count. */
export interface Plan {
  url: string;
  workload: WorkloadName;
  given: WorkloadArguments;
  clients: number;
  /** No new request after this long. */
  seconds?: number;
  /** So many requests in all. */
  requests?: number;
  /** So many requests of each client. */
  requestsEach?: number;
  /** Number of the first request of each client. */
  from: number;
  timeoutMs: number;
}

/** What it saw. A request that failed ends the round: its figure would be of something else. */
export interface Seen {
  latenciesMs: number[];
  seconds: number;
  /** How many requests the busiest client sent: the next round goes on from there. */
  sent: number;
  fault?: string;
}
