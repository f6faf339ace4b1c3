/** Time as a port, so that leases, restatements and policies are tested without waiting. */
export abstract class Clock {
  /** Milliseconds since the epoch. */
  abstract now(): number;

  iso(): string {
    return new Date(this.now()).toISOString();
  }
}

export class SystemClock extends Clock {
  now(): number {
    return Date.now();
  }
}

/** A clock that stands still until it is moved. */
export class ManualClock extends Clock {
  constructor(private timeMs = Date.UTC(2026, 0, 1)) {
    super();
  }

  now(): number {
    return this.timeMs;
  }

  advance(ms: number): void {
    this.timeMs += ms;
  }
}
