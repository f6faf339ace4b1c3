import { loadSync, type MethodDefinition } from '@grpc/proto-loader';
import { GrpcConnection, grpcMessage } from '../grpc-connection.js';
import { bytesOf, featuresOf, requestCount, type Caller } from './caller.js';
import type { TrafficPlan } from './traffic-plan.js';

interface InferAnswer {
  model_version: string;
  raw_output_contents: Buffer[];
}

/** From the root of the project, where `npm run bench` stands. */
const PROTO = 'libs/contracts/oip.proto';
const SERVICE = 'inference.GRPCInferenceService';

/** Open Inference Protocol over gRPC, raw contents both ways. What goes over the wire is made once per model and request. */
export const grpcCallers = (plan: TrafficPlan): ((connection: number) => Caller) => {
  const service = loadSync(PROTO, { keepCase: true })[SERVICE] as Record<string, MethodDefinition<object, object>>;
  const { path, requestSerialize, responseDeserialize } = service.ModelInfer;
  const kept = new Map<string, Buffer>();
  const encoded = (model: string, request: number): Buffer => {
    const key = `${model} ${String(request)}`;
    const known = kept.get(key) ?? grpcMessage(requestSerialize(inferRequest(plan, model, request)));
    kept.set(key, known);
    return known;
  };
  return () => {
    const connection = new GrpcConnection(plan.address, path);
    return {
      call: async (model, request) => {
        const message = await connection.send(encoded(model, request % requestCount(plan)), model, plan.timeoutMs);
        const answer = responseDeserialize(message) as InferAnswer;
        return { version: answer.model_version, bytes: answer.raw_output_contents[0] };
      },
      close: () => {
        connection.close();
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
