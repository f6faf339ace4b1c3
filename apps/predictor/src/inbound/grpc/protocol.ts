import { createRequire } from 'node:module';
import type { MethodDefinition, ServiceDefinition } from '@grpc/grpc-js';
import { loadSync, type PackageDefinition } from '@grpc/proto-loader';
import { protoPath as healthProto } from 'grpc-health-check';
import { messageOf, PlatformError } from '#runtime';

export const INFERENCE_SERVICE = 'inference.GRPCInferenceService';
export const HEALTH_SERVICE = 'grpc.health.v1.Health';

/** Everything that is spoken here, read from the .proto files; reflection tells it to clients. */
export const protocol: PackageDefinition = loadSync(
  [createRequire(import.meta.url).resolve('#contracts/oip.proto'), healthProto],
  { keepCase: true, longs: String, enums: String, defaults: true },
);

/** The methods of a service with messages as the bytes they are: what is no message is then refused by us, as bad input. */
export const bytewise = (service: string): ServiceDefinition =>
  Object.fromEntries(
    Object.entries(protocol[service] as ServiceDefinition).map(([name, method]) => [
      name,
      { ...method, requestDeserialize: same, responseSerialize: same },
    ]),
  );

const same = <T>(message: T): T => message;

export type Message = Record<string, unknown>;

/** Reads and writes the messages of one method. */
export const messagesOf = (
  service: string,
  name: string,
): { read: (bytes: Buffer) => Message; write: (message: Message) => Buffer } => {
  const method = (protocol[service] as Record<string, MethodDefinition<Message, Message>>)[name];
  return {
    read: (bytes) => {
      try {
        return method.requestDeserialize(bytes);
      } catch (error) {
        throw new PlatformError('INPUT_INVALID', `The message is no ${name}Request: ${messageOf(error)}.`, error);
      }
    },
    write: method.responseSerialize,
  };
};
