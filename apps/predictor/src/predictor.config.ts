import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { Settings } from '#runtime';

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
