import pg from 'pg';

const FAREWELL_MS = 2_000;

/** One connection with its own locks and notifications; statements go one after the other. Gone for good once `lost` is aborted. */
export class Session {
  private readonly loss = new AbortController();
  private last: Promise<unknown> = Promise.resolve();
  readonly lost = this.loss.signal;

  private constructor(
    private readonly client: pg.Client,
    private readonly closing: AbortSignal,
  ) {
    const gone = (error?: Error) => {
      this.loss.abort(error ?? new Error('The connection to PostgreSQL ended.'));
    };
    client.on('error', gone);
    client.on('end', () => {
      gone();
    });
  }

  /** @param closing told when the session is to end soon. @throws what pg throws when the server cannot be reached. */
  static async open(
    connectionString: string,
    applicationName: string,
    closing: AbortSignal = new AbortController().signal,
  ): Promise<Session> {
    const client = new pg.Client({
      connectionString,
      application_name: applicationName,
      connectionTimeoutMillis: 5_000,
      // A statement that takes longer means a peer that vanished without a word.
      query_timeout: 30_000,
      keepAlive: true,
    });
    const session = new Session(client, closing);
    await client.connect();
    return session;
  }

  /** An error that is no SQL error (a timeout, a cut) loses the session: nobody knows what the server still holds for it. */
  query<R extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<R[]> {
    const rows = this.last.then(async () => {
      this.lost.throwIfAborted();
      try {
        return (await this.unlessSilent(this.client.query<R>(text, values))).rows;
      } catch (error) {
        if (!(error instanceof pg.DatabaseError)) this.loss.abort(error);
        throw error;
      }
    });
    this.last = rows.catch(() => undefined);
    return rows;
  }

  /** Runs work that needs the bare client, behind the statements before it. */
  with<T>(work: (client: pg.ClientBase) => Promise<T>): Promise<T> {
    const done = this.last.then(() => this.unlessSilent(work(this.client)));
    this.last = done.catch(() => undefined);
    return done;
  }

  onNotification(listener: (payload: string) => void): void {
    this.client.on('notification', ({ payload }) => {
      listener(payload ?? '');
    });
  }

  /** Whoever closes waits for an answer, but not for a peer that keeps silent: that would take as long as a statement may. */
  private async unlessSilent<T>(answer: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const { promise: silence, reject } = Promise.withResolvers<never>();
    const wait = (): void => {
      timer = setTimeout(() => {
        reject(new Error('PostgreSQL keeps silent, and the session is to be closed.'));
      }, FAREWELL_MS);
    };
    answer.catch(() => undefined);
    if (this.closing.aborted) wait();
    else this.closing.addEventListener('abort', wait, { once: true });
    try {
      return await Promise.race([answer, silence]);
    } finally {
      clearTimeout(timer);
      this.closing.removeEventListener('abort', wait);
    }
  }

  /** Gives back locks and connection; never throws, and does not wait for a peer that no longer answers. */
  async close(): Promise<void> {
    await this.last;
    let timer: NodeJS.Timeout | undefined;
    const silence = new Promise((resolve) => {
      timer = setTimeout(resolve, FAREWELL_MS);
    });
    const farewell = this.client.end().catch(() => undefined);
    await Promise.race([farewell, silence]);
    clearTimeout(timer);
    this.loss.abort(new Error('The session was closed.'));
  }
}
