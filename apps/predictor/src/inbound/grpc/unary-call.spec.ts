import { Metadata, type ServerUnaryCall } from '@grpc/grpc-js';
import { expect, it } from 'vitest';
import { PlatformError, SilentLogger } from '#runtime';
import { AccessLog, type Access } from '../access-log.js';
import { unary, type UnaryMethod } from './unary-call.js';

/** What the access log is told of one call. */
const logged = async (method: UnaryMethod, cancelled = false): Promise<Access[]> => {
  const said: Access[] = [];
  const logger = new SilentLogger();
  const access = new AccessLog(logger, 'all');
  access.say = (one) => said.push(one);
  const metadata = new Metadata();
  metadata.set('x-request-id', 'abc');
  const call = { metadata, cancelled, request: Buffer.alloc(0), sendMetadata: () => undefined };
  await new Promise<void>((resolve) => {
    const respond = (): void => {
      setImmediate(resolve);
    };
    unary('/s/M', method, { logger, access })(call as unknown as ServerUnaryCall<Buffer, Buffer>, respond);
  });
  return said;
};

it('tells the access log of each call as HTTP does', async () => {
  const line = { method: 'gRPC', url: '/s/M', requestId: 'abc' };
  const answered: UnaryMethod = (bytes, call) => {
    call.answersFor({ version: 3 });
    return bytes;
  };
  expect(await logged(answered)).toMatchObject([{ ...line, status: 200, version: '3' }]);
  expect(await logged(answered, true)).toMatchObject([{ ...line, status: 499 }]);
  const refused: UnaryMethod = () => {
    throw new PlatformError('QUEUE_FULL');
  };
  expect(await logged(refused)).toMatchObject([{ ...line, status: 503, code: 'QUEUE_FULL' }]);
});
