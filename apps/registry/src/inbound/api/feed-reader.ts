import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { messageOf, type Logger } from '#runtime';
import { writeCursor, type Cursor, type EventFeed } from '../../core/event-feed.js';

/** Proxies cut connections that are silent for half a minute or more. */
const HEARTBEAT_MS = 10_000;
/** The feed is looked at so often when nobody woke us: another process may have written. */
const POLL_MS = 500;
const BATCH = 200;

/** One client of the feed: writes what is new until either side ends, waiting while the client is slow. */
export class FeedReader {
  private ended = false;

  constructor(
    private readonly feed: EventFeed,
    private readonly response: ServerResponse,
    private readonly logger: Logger,
  ) {
    response.once('close', () => {
      this.ended = true;
    });
  }

  stop(): void {
    this.ended = true;
    this.response.end();
  }

  async follow(from: Cursor, types: readonly string[]): Promise<void> {
    this.response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      connection: 'keep-alive',
      'x-accel-buffering': 'no',
    });
    await this.write('retry: 2000\n: following\n\n');
    let cursor = from;
    let lastWrite = Date.now();
    try {
      while (!this.ended) {
        const rows = await this.feed.after(cursor, types, BATCH);
        for (const { cursor: at, event } of rows) {
          await this.write(`id: ${writeCursor(at)}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
          cursor = at;
        }
        if (rows.length > 0) lastWrite = Date.now();
        if (rows.length === BATCH || this.hasEnded()) continue;
        if (Date.now() - lastWrite >= HEARTBEAT_MS) {
          await this.write(': still here\n\n');
          lastWrite = Date.now();
        }
        await this.feed.changed(POLL_MS);
      }
    } catch (error) {
      // The client comes back with the last id it saw, and nothing is lost.
      this.logger.warn(`A reader of the event feed was cut off: ${messageOf(error)}`);
    }
    this.response.end();
  }

  private hasEnded(): boolean {
    return this.ended;
  }

  private async write(text: string): Promise<void> {
    if (this.ended || this.response.write(text)) return;
    await Promise.race([once(this.response, 'drain'), once(this.response, 'close')]);
  }
}
