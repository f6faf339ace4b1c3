import {
  Client,
  credentials,
  Metadata,
  type MethodDefinition,
  type ServiceDefinition,
  type ServiceError,
} from '@grpc/grpc-js';
import { INFERENCE_SERVICE, protocol, type Message } from './protocol.js';

export interface GrpcAnswer {
  /** 0 for OK. */
  code: number;
  details: string;
  message: Message;
  /** What came before the message or with the refusal, as texts. */
  headers: Record<string, string>;
}

/** A client of gRPC's own library, which reads and writes messages by the .proto file. It never throws: refusals are answers. */
export class GrpcClient {
  private readonly client: Client;

  constructor(port: number) {
    this.client = new Client(`127.0.0.1:${String(port)}`, credentials.createInsecure(), {
      'grpc.max_receive_message_length': -1,
    });
  }

  close(): void {
    this.client.close();
  }

  /** @param sent a message, or the bytes in the place of one */
  ask(
    name: string,
    sent: Message | Uint8Array = {},
    { service = INFERENCE_SERVICE, metadata = {} }: { service?: string; metadata?: Record<string, string> } = {},
  ): Promise<GrpcAnswer> {
    const method = methodOf(service, name);
    const headers: Record<string, string> = {};
    const note = (given: Metadata): void => {
      for (const key of Object.keys(given.getMap())) headers[key] = given.get(key).join();
    };
    const asked = new Metadata();
    for (const [key, value] of Object.entries(metadata)) asked.set(key, value);
    return new Promise((resolve) => {
      const done = (error: ServiceError | null, message: Message = {}): void => {
        if (error !== null) note(error.metadata);
        resolve({ code: error?.code ?? 0, details: error?.details ?? '', message, headers });
      };
      const write = (value: Message | Uint8Array): Buffer =>
        value instanceof Uint8Array ? Buffer.from(value) : method.requestSerialize(value);
      this.client
        .makeUnaryRequest(method.path, write, method.responseDeserialize, sent, asked, done)
        .on('metadata', note);
    });
  }

  infer(request: Message): Promise<GrpcAnswer> {
    return this.ask('ModelInfer', request);
  }

  /** What is told to one who watches; `end` stops it. */
  watch(service: string, hear: (message: Message) => void): { end: () => void; ended: Promise<void> } {
    const method = methodOf('grpc.health.v1.Health', 'Watch');
    const stream = this.client.makeServerStreamRequest(
      method.path,
      method.requestSerialize,
      method.responseDeserialize,
      { service },
    );
    stream.on('data', hear);
    return {
      end: () => {
        stream.cancel();
      },
      ended: new Promise((resolve) => {
        stream.on('end', resolve).on('error', () => {
          resolve();
        });
      }),
    };
  }
}

/** The bytes of a message to a method, as the .proto file says. */
export const encoded = (name: string, message: Message): Buffer =>
  methodOf(INFERENCE_SERVICE, name).requestSerialize(message);

const methodOf = (service: string, name: string): MethodDefinition<Message, Message> =>
  (protocol[service] as ServiceDefinition)[name] as MethodDefinition<Message, Message>;
