import { Metadata, status, type ServerWritableStream } from '@grpc/grpc-js';
import { PlatformError } from '#runtime';
import type { Replica } from '../../core/replica.js';
import { HEALTH_SERVICE, INFERENCE_SERVICE, messagesOf } from './protocol.js';
import type { UnaryMethod } from './unary-call.js';

/** How often one who watches is told of a change. */
const LOOK_EVERY_MS = 250;

type Health = 'SERVING' | 'NOT_SERVING' | 'SERVICE_UNKNOWN';

/** The standard health service (`grpc.health.v1.Health`): serving is what "ready" is over HTTP. */
export class HealthService {
  /** Who watches, and what looks whether there is something new for them. */
  private readonly watched = new Map<ServerWritableStream<Buffer, Buffer>, () => void>();
  private readonly check = messagesOf(HEALTH_SERVICE, 'Check');

  constructor(private readonly replica: Replica) {}

  /** One question, one answer. */
  readonly ask: UnaryMethod = (bytes) => {
    const service = String(this.check.read(bytes).service);
    const health = this.healthOf(service);
    if (health === 'SERVICE_UNKNOWN') throw new PlatformError('NOT_FOUND', `There is no service "${service}" here.`);
    return this.check.write({ status: health });
  };

  /** Says how it is now and whenever that changes, until the client or this replica leaves. */
  watch(call: ServerWritableStream<Buffer, Buffer>): void {
    let service: string;
    try {
      service = String(this.check.read(call.request).service);
    } catch (error) {
      const details = error instanceof PlatformError ? error.detail : String(error);
      call.emit('error', { code: status.INVALID_ARGUMENT, details, metadata: new Metadata() });
      return;
    }
    let said: Health | undefined;
    const look = (): void => {
      const health = this.healthOf(service);
      if (health !== said) call.write(this.check.write({ status: health }));
      said = health;
    };
    const looking = setInterval(look, LOOK_EVERY_MS);
    const leave = (): void => {
      clearInterval(looking);
      this.watched.delete(call);
    };
    call.on('cancelled', leave).on('close', leave).on('error', leave);
    this.watched.set(call, look);
    look();
  }

  /** Ends the watching; whoever watches was told by then that nothing is served any more. */
  close(): void {
    for (const [call, look] of this.watched) {
      look();
      call.end();
    }
  }

  private healthOf(service: string): Health {
    if (service !== '' && service !== INFERENCE_SERVICE) return 'SERVICE_UNKNOWN';
    return this.replica.notReady() === undefined ? 'SERVING' : 'NOT_SERVING';
  }
}
