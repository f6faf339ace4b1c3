import { setTimeout as sleep } from 'node:timers/promises';
import type { LiveEvent } from '#contracts';
import { followFeed } from '../event-feed.client.js';
import { printable } from '../output.js';

/** Lines are on their way a moment longer than the news that the training is over. */
const LATE_MS = 1_000;

/** What a recipe prints, line by line, as the registry's feed tells it. */
export class TrainingLog {
  private readonly ended = new AbortController();
  private readonly early: LiveEvent[] = [];
  private id?: string;
  private following?: Promise<void>;

  constructor(private readonly write: (line: string) => void) {}

  /** Begins to listen before the training is asked for, so that no line is missed. Without a feed there is no log, and nothing else is lost. */
  follow(url: string): void {
    this.following = followFeed({
      url,
      from: 'now',
      signal: this.ended.signal,
      onLost: () => undefined,
      onMessage: ({ data }) => {
        const event = JSON.parse(data) as LiveEvent;
        if (event.type !== 'training.progressed') return;
        if (this.id === undefined) this.early.push(event);
        else this.tell(event);
      },
    }).catch((error: unknown) => {
      this.write(`The log can not be followed: ${String(error)}`);
    });
  }

  of(id: string): void {
    this.id = id;
    for (const event of this.early.splice(0)) this.tell(event);
  }

  async end(): Promise<void> {
    if (this.following === undefined) return;
    if (this.id !== undefined && !this.ended.signal.aborted) await sleep(LATE_MS);
    this.ended.abort();
    await this.following;
  }

  private tell({ subject, data }: LiveEvent): void {
    if (subject !== this.id) return;
    for (const line of (data as { log?: string[] }).log ?? []) this.write(printable(line));
  }
}
