/** Time as a port, so that leases, restatements and policies are tested without waiting. */
export abstract class Clock {
  /** Milliseconds since the epoch. */
  abstract now(): number;

  /** Milliseconds, with fractions, from some moment on; never set back. For how long something took. */
  elapsed(): number {
    return this.now();
  }

  iso(): string {
    return new Date(this.now()).toISOString();
  }
}

export class SystemClock extends Clock {
  now(): number {
    return Date.now();
  }

  override elapsed(): number {
    return performance.now();
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
