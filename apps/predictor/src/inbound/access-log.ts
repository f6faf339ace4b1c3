import type { Logger, Settings } from '#runtime';

/** One request, when it is over. */
export interface Access {
  method: string;
  url: string;
  /** As HTTP counts; 499 for a client that hung up before its answer. */
  status: number;
  tookMs: number;
  requestId: string;
  traceId?: string | undefined;
  /** The version that answered, or should have. */
  version?: string | undefined;
  /** The error's code. */
  code?: string | undefined;
}

/** Writes one line per request, or per failed one, as `ACCESS_LOG` says. What a client chose is cut to a line's size. */
export class AccessLog {
  constructor(
    private readonly logger: Logger,
    private readonly which: Settings['ACCESS_LOG'],
  ) {}

  /** False when nobody will read of it: then it need not be measured. */
  wants(status: number): boolean {
    return this.which === 'all' || (this.which === 'errors' && status >= 400);
  }

  say({ url, tookMs, ...access }: Access): void {
    if (!this.wants(access.status)) return;
    this.logger.info('Request.', {
      ...access,
      url: url.length > 512 ? `${url.slice(0, 512)}…` : url,
      tookMs: Math.round(tookMs * 1000) / 1000,
    });
  }
}
