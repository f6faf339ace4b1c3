import type { ModelPromoted } from '#contracts';
import { messageOf } from '#runtime';
import type { LoadedModel } from './model-host.js';
import { StepFailed, type Step } from './step-failed.js';

/** The one version that is on its way. */
export interface Candidate {
  promoted: ModelPromoted;
  lastGood: boolean;
  abort: AbortController;
  loaded?: LoadedModel;
}

export interface Failure {
  generation: number;
  attempts: number;
  atMs: number;
  step: Step;
  reason: string;
}

/** What was tried for one model: the load that is under way, the last that failed, and what is left to fall back on. */
export class LoadAttempts {
  candidate: Candidate | undefined;
  failure: Failure | undefined;
  /** What served before, on the disk, and not tried since. */
  lastGood: ModelPromoted | undefined;
  /** The highest generation whose load has ended, well or not. */
  settled = 0;

  begin(promoted: ModelPromoted): Candidate {
    const lastGood = promoted.generation === this.lastGood?.generation;
    this.candidate = { promoted, lastGood, abort: new AbortController() };
    return this.candidate;
  }

  /** Takes the candidate that is loaded; there is none afterwards. */
  take(): (Candidate & { loaded: LoadedModel }) | undefined {
    const { candidate } = this;
    this.candidate = undefined;
    return candidate?.loaded === undefined ? undefined : { ...candidate, loaded: candidate.loaded };
  }

  serves({ generation }: ModelPromoted): void {
    this.lastGood = undefined;
    this.settled = Math.max(this.settled, generation);
    if (this.failure !== undefined && this.failure.generation <= generation) this.failure = undefined;
  }

  /** @returns the failure, when it is one of what is wanted: how a load ended that nobody waits for says nothing. */
  failed(
    { promoted: { generation }, lastGood, abort }: Candidate,
    error: unknown,
    { wanted, nowMs }: { wanted: number | undefined; nowMs: number },
  ): Failure | undefined {
    this.candidate = undefined;
    if (lastGood) this.lastGood = undefined;
    if (abort.signal.aborted || generation !== wanted) return undefined;
    const { step, reason } = error instanceof StepFailed ? error : { step: 'swap' as const, reason: messageOf(error) };
    const attempts = this.failure?.generation === generation ? this.failure.attempts + 1 : 1;
    this.failure = { generation, attempts, atMs: nowMs, step, reason };
    this.settled = Math.max(this.settled, generation);
    return this.failure;
  }
}
