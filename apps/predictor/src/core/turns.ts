interface Waiting {
  urgent: boolean;
  go: () => void;
}

/** Lets so many works run at a time; the others wait for their turn, urgent ones before those that are not. */
export class Turns {
  private readonly waiting: Waiting[] = [];
  private running = 0;

  constructor(private readonly limit: number) {}

  /** Waits for a turn and takes it; what is returned gives it back. Rejects with the signal's reason, taking none. */
  async take(urgent: boolean, signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    if (this.running >= this.limit) await this.wait(urgent, signal);
    else this.running += 1;
    let given = false;
    return () => {
      if (given) return;
      given = true;
      this.next();
    };
  }

  private wait(urgent: boolean, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.waiting.splice(this.waiting.indexOf(place), 1);
        reject(signal.reason as Error);
      };
      const place: Waiting = {
        urgent,
        go: () => {
          signal.removeEventListener('abort', leave);
          resolve();
        },
      };
      const behind = this.waiting.findIndex((other) => urgent && !other.urgent);
      this.waiting.splice(behind === -1 ? this.waiting.length : behind, 0, place);
      signal.addEventListener('abort', leave, { once: true });
    });
  }

  /** The turn goes over to the next in line, so that nobody who comes meanwhile takes it. */
  private next(): void {
    const next = this.waiting.shift();
    if (next === undefined) this.running -= 1;
    else next.go();
  }
}
