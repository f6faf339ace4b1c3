import { SessionThread } from '#onnx/runtime';

/** A fixed number of threads that small models share; each is started when it is first needed, and again after it was lost. */
export class SharedThreads {
  private readonly places: (Promise<SessionThread> | undefined)[];
  private readonly burden: number[];

  constructor(size: number) {
    this.places = new Array<undefined>(size).fill(undefined);
    this.burden = new Array<number>(size).fill(0);
  }

  /**
   * The thread with the fewest models that is not among `except`; undefined when there is no other. `leave` it when the model goes.
   * @throws PlatformError WORKER_LOST when it can't be started.
   */
  async join(except: readonly SessionThread[]): Promise<{ thread: SessionThread; leave: () => void } | undefined> {
    const started = await this.started();
    const free = [...this.places.keys()].filter((at) => {
      const thread = started[at];
      return thread === undefined || !except.includes(thread);
    });
    if (free.length === 0) return undefined;
    const place = free.reduce((least, at) => (this.burden[at] < this.burden[least] ? at : least));
    this.burden[place] += 1;
    let left = false;
    const leave = (): void => {
      if (!left) this.burden[place] -= 1;
      left = true;
    };
    try {
      return { thread: await this.at(place), leave };
    } catch (error) {
      leave();
      throw error;
    }
  }

  async close(): Promise<void> {
    for (const thread of await this.started()) await thread?.close();
  }

  /** The thread at each place; undefined where none is, or none could be started. */
  private started(): Promise<(SessionThread | undefined)[]> {
    return Promise.all(this.places.map(async (place) => place?.catch(() => undefined)));
  }

  private at(place: number): Promise<SessionThread> {
    const known = this.places[place];
    if (known !== undefined) return known;
    const started = SessionThread.start();
    this.places[place] = started;
    const drop = (): void => {
      if (this.places[place] === started) this.places[place] = undefined;
    };
    started.then((thread) => thread.lost.then(drop), drop);
    return started;
  }
}
