import { Client, credentials } from '@grpc/grpc-js';
import { loadSync, type MethodDefinition } from '@grpc/proto-loader';
import { bytesOf, featuresOf, requestCount, type Caller } from './caller.js';
import type { TrafficPlan } from './traffic-plan.js';

interface InferAnswer {
  model_version: string;
  raw_output_contents: Buffer[];
}

/** From the root of the project, where `npm run bench` stands. */
const PROTO = 'libs/contracts/oip.proto';
const SERVICE = 'inference.GRPCInferenceService';
const LARGEST_BYTES = 64 * 1024 * 1024;

/** Open Inference Protocol over gRPC, raw contents both ways. A connection is a channel of its own; requests are encoded once. */
export const grpcCallers = (plan: TrafficPlan): ((connection: number) => Caller) => {
  const service = loadSync(PROTO, { keepCase: true })[SERVICE] as Record<string, MethodDefinition<object, object>>;
  const { path, requestSerialize, responseDeserialize } = service.ModelInfer;
  const kept = new Map<string, Buffer>();
  const encoded = (model: string, request: number): Buffer => {
    const key = `${model} ${String(request)}`;
    const known = kept.get(key) ?? requestSerialize(inferRequest(plan, model, request));
    kept.set(key, known);
    return known;
  };
  return () => {
    const client = new Client(plan.address, credentials.createInsecure(), {
      'grpc.use_local_subchannel_pool': 1,
      'grpc.max_receive_message_length': LARGEST_BYTES,
      'grpc.max_send_message_length': LARGEST_BYTES,
    });
    return {
      call: (model, request) =>
        new Promise((resolve, reject) => {
          client.makeUnaryRequest(
            path,
            (bytes: Buffer) => bytes,
            responseDeserialize as (bytes: Buffer) => InferAnswer,
            encoded(model, request % requestCount(plan)),
            { deadline: Date.now() + plan.timeoutMs },
            (error, answer) => {
              if (error !== null) reject(error);
              else if (answer === undefined) reject(new Error(`${model}: an answer of nothing.`));
              else resolve({ version: answer.model_version, bytes: answer.raw_output_contents[0] });
            },
          );
        }),
      close: () => {
        client.close();
      },
    };
  };
};

const inferRequest = (plan: TrafficPlan, model: string, request: number): object => ({
  model_name: model,
  inputs: [{ name: plan.input.name, datatype: 'FP32', shape: [plan.rows, plan.input.columns] }],
  outputs: [{ name: plan.output }],
  raw_input_contents: [Buffer.from(bytesOf(featuresOf(plan, request)))],
});
