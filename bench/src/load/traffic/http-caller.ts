import { Connection, wireOf, type Answer } from '../connection.js';
import type { LoadRequest } from '../workloads.js';
import { bytesOf, featuresOf, requestCount, type Answered, type Caller } from './caller.js';
import type { TrafficPlan } from './traffic-plan.js';

interface InferAnswer {
  model_version: string;
  outputs: { name: string; data?: number[] }[];
}

const BINARY_HEADER = 'inference-header-content-length';

/** Open Inference Protocol over HTTP. What goes over the wire is made once per model and request, for all connections. */
export const httpCallers = (plan: TrafficPlan): ((connection: number) => Caller) => {
  const url = new URL(plan.address);
  const kept = new Map<string, string | Buffer>();
  const wire = (model: string, request: number, binary: boolean): string | Buffer => {
    const key = `${model} ${String(request)} ${String(binary)}`;
    const known = kept.get(key) ?? wireOf((binary ? binaryRequest : jsonRequest)(plan, model, request), url);
    kept.set(key, known);
    return known;
  };
  return (index) => {
    const binary = plan.protocol === 'http-binary' || (plan.protocol === 'http' && index % 2 === 1);
    const connection = new Connection(url);
    return {
      call: async (model, request) => {
        const answer = await connection.send(wire(model, request % requestCount(plan), binary), model, plan.timeoutMs);
        if (answer.status !== 200)
          throw new Error(`${model}: ${String(answer.status)} ${answer.body.toString('utf8', 0, 500)}`);
        return binary ? readBinary(answer) : readJson(answer);
      },
      close: () => {
        connection.close();
      },
    };
  };
};

const inputOf = ({ input, rows }: TrafficPlan): object => ({
  name: input.name,
  shape: [rows, input.columns],
  datatype: 'FP32',
});

export const jsonRequest = (plan: TrafficPlan, model: string, request: number): LoadRequest => ({
  method: 'POST',
  path: `/v2/models/${model}/infer`,
  body: JSON.stringify({
    inputs: [{ ...inputOf(plan), data: [...featuresOf(plan, request)] }],
    outputs: [{ name: plan.output }],
  }),
});

const binaryRequest = (plan: TrafficPlan, model: string, request: number): LoadRequest => {
  const tensor = bytesOf(featuresOf(plan, request));
  const header = Buffer.from(
    JSON.stringify({
      inputs: [{ ...inputOf(plan), parameters: { binary_data_size: tensor.byteLength } }],
      outputs: [{ name: plan.output, parameters: { binary_data: true } }],
    }),
  );
  return {
    method: 'POST',
    path: `/v2/models/${model}/infer`,
    headers: { 'content-type': 'application/octet-stream', [BINARY_HEADER]: String(header.length) },
    body: Buffer.concat([header, tensor]),
  };
};

const readJson = ({ head, body }: Answer): Answered => {
  const { model_version, outputs } = JSON.parse(body.toString('utf8')) as InferAnswer;
  const data = outputs[0]?.data;
  if (data === undefined) throw new Error(`An answer without data: ${body.toString('utf8', 0, 200)}`);
  mustAgree(head, model_version);
  return { version: model_version, bytes: bytesOf(Float32Array.from(data)) };
};

const readBinary = ({ head, body }: Answer): Answered => {
  const length = Number(/\r\ninference-header-content-length: *(\d+)/.exec(head)?.[1]);
  if (!(length > 0)) throw new Error(`Not answered in binary:\n${head}`);
  const { model_version } = JSON.parse(body.toString('utf8', 0, length)) as InferAnswer;
  mustAgree(head, model_version);
  return { version: model_version, bytes: body.subarray(length) };
};

const mustAgree = (head: string, version: string): void => {
  if (!`${head}\r\n`.includes(`\r\nx-model-version: ${version}\r\n`))
    throw new Error(`The body names version ${version}, the headers do not:\n${head}`);
};
