import { Server, ServerCredentials, status, type sendUnaryData, type ServerUnaryCall } from '@grpc/grpc-js';
import { afterEach, describe, expect, it } from 'vitest';
import { GrpcConnection, grpcMessage } from './grpc-connection.js';

const PATH = '/test.Echo/Say';
const TIMEOUT_MS = 10_000;
const same = (bytes: Buffer): Buffer => bytes;
const open: (() => void)[] = [];

afterEach(() => {
  for (const close of open.splice(0)) close();
});

/** A server of the real library that answers with what it was sent, or refuses. */
const connectTo = async (
  answer: (call: ServerUnaryCall<Buffer, Buffer>, respond: sendUnaryData<Buffer>) => void,
): Promise<{ connection: GrpcConnection; server: Server }> => {
  const server = new Server({ 'grpc.max_receive_message_length': -1 });
  const shape = { requestStream: false as const, responseStream: false as const };
  const codec = {
    requestSerialize: same,
    requestDeserialize: same,
    responseSerialize: same,
    responseDeserialize: same,
  };
  server.addService({ Say: { path: PATH, ...shape, ...codec } }, { Say: answer });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
  const connection = new GrpcConnection(`127.0.0.1:${String(port)}`, PATH);
  open.push(() => {
    connection.close();
    server.forceShutdown();
  });
  return { connection, server };
};

const echo = (call: ServerUnaryCall<Buffer, Buffer>, respond: sendUnaryData<Buffer>): void => {
  respond(null, call.request);
};
const bytes = (length: number, first = 0): Buffer => Buffer.from(Uint8Array.from({ length }, (_, at) => at + first));

describe('GrpcConnection', () => {
  it('sends one call after the other on one connection', async () => {
    const { connection } = await connectTo(echo);
    for (let nth = 0; nth < 20; nth++)
      expect(await connection.send(grpcMessage(bytes(100, nth)), 'say', TIMEOUT_MS)).toEqual(bytes(100, nth));
  });

  // A frame holds 16 KiB, and a server takes 64 KiB before it says that it takes more.
  it.each([1, 16_379, 16_380, 65_530, 65_531, 3_000_000])('sends and receives %i bytes', async (length) => {
    const { connection } = await connectTo(echo);
    for (const first of [1, 2]) {
      const answer = await connection.send(grpcMessage(bytes(length, first)), 'say', TIMEOUT_MS);
      expect(answer.equals(bytes(length, first))).toBe(true);
    }
  });

  it('says that a call failed, and goes on', async () => {
    let calls = 0;
    const { connection } = await connectTo((call, respond) => {
      if (calls++ === 0) respond({ code: status.NOT_FOUND, details: 'no such thing' });
      else echo(call, respond);
    });
    await expect(connection.send(grpcMessage(bytes(3)), 'say this', TIMEOUT_MS)).rejects.toThrow('say this: refused');
    expect(await connection.send(grpcMessage(bytes(3)), 'say', TIMEOUT_MS)).toEqual(bytes(3));
  });

  it('fails when the server goes away, and when it does not answer', async () => {
    const silent = await connectTo(() => undefined);
    await expect(silent.connection.send(grpcMessage(bytes(3)), 'say', 50)).rejects.toThrow('No answer in 50 ms: say');
    const gone = await connectTo(() => {
      gone.server.forceShutdown();
    });
    await expect(gone.connection.send(grpcMessage(bytes(3)), 'say', TIMEOUT_MS)).rejects.toThrow(/server|reset/);
  });
});
