import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

/** Long enough for an answer that says `connection: close` to be read first. */
const SWEEP_MS = 500;
/** What a client that is still sending has to send something within. */
const STALLED_MS = 2_000;
/** However busily it sends: well below the time within which the app has to be closed. */
const SENDING_MS = 15_000;

/** What is known of one connection of the server. */
interface Connection {
  /** Not answered to the end yet. */
  requests: Set<IncomingMessage>;
  bytesRead: number;
  /** Since when `bytesRead` is what it is. */
  sinceMs: number;
}

/**
 * Fastify closes connections that are idle when closing begins. One that is busy then would be kept alive after its answer,
 * and hold the close for over a minute: its answer says that it ends, and those that never said so are swept. So are those in the
 * midst of a request whose rest does not come: Node's own limits for that end when closing begins.
 *
 * To be called before anything else takes connections from the server: it is about those only that Node gets.
 * @param sendingMs what a request that is still being sent gets at most, however busily.
 */
export const closeConnectionsWith = (fastify: FastifyInstance, sendingMs = SENDING_MS): void => {
  const { server } = fastify;
  const connections = new Map<Socket, Connection>();
  server.on('connection', (socket: Socket) => {
    connections.set(socket, { requests: new Set(), bytesRead: 0, sinceMs: performance.now() });
    socket.once('close', () => connections.delete(socket));
  });
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const requests = connections.get(request.socket)?.requests;
    requests?.add(request);
    response.once('close', () => requests?.delete(request));
  });

  let sweeping: NodeJS.Timeout | undefined;
  fastify.addHook('preClose', (done) => {
    const closingMs = performance.now();
    for (const connection of connections.values()) connection.sinceMs = closingMs;
    sweeping = setInterval(() => {
      server.closeIdleConnections();
      const now = performance.now();
      for (const [socket, connection] of connections)
        if (isCut(socket, connection, now, now - closingMs > sendingMs)) socket.destroy();
    }, SWEEP_MS).unref();
    done();
  });
  fastify.addHook('onSend', (_request, reply, _payload, done) => {
    if (sweeping !== undefined) void reply.header('connection', 'close');
    done();
  });
  server.once('close', () => {
    clearInterval(sweeping);
  });
};

/** Whether it is to be given up. What is being answered is not, nor is what waits for us to read on. */
const isCut = (socket: Socket, connection: Connection, now: number, isLate: boolean): boolean => {
  const requests = [...connection.requests];
  if (requests.some((request) => request.complete)) return false;
  if (isLate) return true;
  if (requests.some((request) => request.readableLength > 0)) connection.sinceMs = now;
  // A head is short: one that comes in bits is not waited for.
  if (requests.length > 0 && socket.bytesRead !== connection.bytesRead) connection.sinceMs = now;
  connection.bytesRead = socket.bytesRead;
  return now - connection.sinceMs > STALLED_MS;
};
