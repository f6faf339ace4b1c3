import {
  Metadata,
  status,
  type ServerInterceptingCall,
  type ServerInterceptor,
  type ServerInterceptingCallInterface,
} from '@grpc/grpc-js';

/**
 * The library says INTERNAL, as of a fault of ours, to what it can't unpack or read before a method is called. Those are faults of the
 * client, and no retry mends them.
 */
export const blameClients: ServerInterceptor = (_method, call) => {
  const send = call.sendStatus.bind(call);
  call.sendStatus = (said) => {
    send(blamed(said));
  };
  // One more layer around each call would cost more than it is worth: the library asks for nothing but the interface.
  return call as ServerInterceptingCall;
};

type Said = Parameters<ServerInterceptingCallInterface['sendStatus']>[0];

const blamed = (said: Said): Said => {
  const { code, details } = said;
  const invalid = (sentence: string) => ({ ...said, code: status.INVALID_ARGUMENT, details: sentence });
  if (code === status.INTERNAL && details === 'Failed to decompress message')
    return invalid('The message is marked as compressed, and can not be unpacked as its grpc-encoding says.');
  if (code === status.INTERNAL && details.startsWith('Invalid grpc-timeout value'))
    return invalid(`${details}: it is up to 8 digits and one of H, M, S, m, u, n.`);
  if (code !== status.UNIMPLEMENTED || !details.includes('unsupported encoding')) return said;
  // So that a client may try again in a way that is known here (gRPC's compression.md).
  const metadata = new Metadata();
  metadata.set('grpc-accept-encoding', 'identity,deflate,gzip');
  return { ...said, metadata };
};
