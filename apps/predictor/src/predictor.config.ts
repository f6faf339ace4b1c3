import { randomBytes } from 'node:crypto';
import { availableParallelism, hostname } from 'node:os';
import type { Settings } from '#runtime';
import type { Pin } from './core/pinned-versions.js';
import type { LimitSettings } from './core/serving-limits.js';

/** What this replica is called and where it is found; the address is known once it listens. */
export class PredictorIdentity {
  readonly id: string;
  private listening: string | undefined;

  constructor(private readonly settings: Settings) {
    this.id = settings.PREDICTOR_ID ?? `${hostname()}-${randomBytes(3).toString('hex')}`;
  }

  /** A group of its own at each start: every replica hears everything from the beginning. */
  newGroup(): string {
    return `predictor-${this.id}-${randomBytes(4).toString('hex')}`;
  }

  get url(): string | undefined {
    return this.settings.PUBLIC_URL ?? this.listening;
  }

  listensOn(port: number): void {
    const { HOST } = this.settings;
    const host = HOST === '0.0.0.0' || HOST === '::' ? hostname() : HOST.includes(':') ? `[${HOST}]` : HOST;
    this.listening = `http://${host}:${String(port)}`;
  }
}

/** What the models may take, all and single ones. */
export const limitSettings = (settings: Settings): LimitSettings => ({
  byDefault: {
    maxBatch: settings.PREDICTOR_MAX_BATCH,
    maxQueue: settings.PREDICTOR_MAX_QUEUE,
    timeoutMs: settings.PREDICTOR_TIMEOUT_MS,
  },
  byModel: settings.PREDICTOR_MODEL_LIMITS,
});

/** Threads over which one model may be spread; the cores are those that the container may use. */
export const workersOf = ({ PREDICTOR_WORKERS }: Settings): number => PREDICTOR_WORKERS ?? availableParallelism();

/** `iris:3`, as the settings have checked it. */
export const pinsOf = ({ PREDICTOR_PINNED: pinned = [] }: Settings): Pin[] =>
  pinned.map((text) => {
    const end = text.lastIndexOf(':');
    return { model: text.slice(0, end), version: Number(text.slice(end + 1)) };
  });
