import { Controller, Get, Headers, Inject, Query, Res, type BeforeApplicationShutdown } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { flow } from '#contracts';
import { Logger, Metrics, PlatformError } from '#runtime';
import { EventFeed, readCursor, START, type Cursor } from '../../core/event-feed.js';
import { FeedReader } from './feed-reader.js';

/** `GET /api/v1/events`: all that happens as server-sent events; `Last-Event-ID` continues where a client was cut off. */
@Controller('api/v1/events')
export class EventsController implements BeforeApplicationShutdown {
  private readonly readers = new Set<FeedReader>();

  constructor(
    @Inject(EventFeed) private readonly feed: EventFeed,
    @Inject(Metrics) private readonly metrics: Metrics,
    @Inject(Logger) private readonly logger: Logger,
  ) {}

  @Get()
  async follow(
    @Res() reply: FastifyReply,
    @Headers('last-event-id') lastEventId?: string,
    @Query('types') types?: string,
    @Query('from') from = 'now',
  ): Promise<void> {
    const wanted = typesOf(types);
    const cursor = await this.begin(lastEventId, from);
    reply.hijack();
    const reader = new FeedReader(this.feed, reply.raw, this.logger);
    this.readers.add(reader);
    this.metrics.gauge('baton_registry_feed_readers', this.readers.size);
    try {
      await reader.follow(cursor, wanted);
    } finally {
      this.readers.delete(reader);
      this.metrics.gauge('baton_registry_feed_readers', this.readers.size);
    }
  }

  /** An open feed would keep the server from closing for as long as its reader stays. */
  beforeApplicationShutdown(): void {
    for (const reader of this.readers) reader.stop();
  }

  private async begin(lastEventId: string | undefined, from: string): Promise<Cursor> {
    if (lastEventId !== undefined && lastEventId !== '') {
      const cursor = readCursor(lastEventId);
      if (cursor !== undefined) return cursor;
      throw new PlatformError('REQUEST_INVALID', `Last-Event-ID "${lastEventId}" is not an id of this feed.`);
    }
    if (from === 'start') return START;
    if (from === 'now') return this.feed.now();
    throw new PlatformError('REQUEST_INVALID', 'from must be "now" or "start".');
  }
}

/** @throws PlatformError REQUEST_INVALID naming the types there are. */
const typesOf = (types: string | undefined): string[] => {
  const wanted = (types ?? '').split(',').filter(Boolean);
  const unknown = wanted.find((type) => !(type in flow));
  if (unknown !== undefined)
    throw new PlatformError(
      'REQUEST_INVALID',
      `There is no event "${unknown}"; there are ${Object.keys(flow).join(', ')}.`,
    );
  return wanted;
};
