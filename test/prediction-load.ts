import { setTimeout as sleep } from 'node:timers/promises';
import { GrpcClient } from '../apps/predictor/src/inbound/grpc/grpc-client.behaviour.js';
import type { LonePredictor } from './lone-predictor.js';

const row = [0.25, 1.5];
const tensor = { name: 'features', datatype: 'FP32', shape: [1, 2] };
const overHttp = JSON.stringify({
  inputs: [{ ...tensor, data: row }],
  outputs: [{ name: 'probabilities' }],
});

/** Clients that ask one question after the other, over HTTP and gRPC, and look at every answer. */
export class PredictionLoad {
  answered = { http: 0, grpc: 0 };
  /** Requests without an answer, or with an error. */
  readonly failures: string[] = [];
  /** Answers that are not, to the bit, those of the version they name. */
  readonly wrong: string[] = [];
  private readonly expected = new Map<string, string>();
  private readonly clients: Promise<void>[] = [];
  private stopped = false;

  constructor(private readonly predictor: LonePredictor) {}

  /** From now on this version answers as it does at this moment. */
  async learn(version: number): Promise<void> {
    const { said, values } = await this.overHttp();
    if (said !== String(version)) throw new Error(`Version ${said} answers instead of ${String(version)}.`);
    this.expected.set(said, values);
  }

  start({ http, grpc }: { http: number; grpc: number }): void {
    for (let at = 0; at < http; at += 1) this.clients.push(this.goOn('http', () => this.overHttp()));
    for (let at = 0; at < grpc; at += 1) {
      const client = new GrpcClient(this.predictor.grpcPort);
      const asking = this.goOn('grpc', () => overGrpc(client, this.predictor.platform.model));
      this.clients.push(
        asking.finally(() => {
          client.close();
        }),
      );
    }
  }

  /** Stops as soon as the replica says that it is not ready, as whoever balances the load over replicas does. */
  async stopWhenNotReady(): Promise<void> {
    while ((await this.predictor.ready().catch(() => 0)) === 200) await sleep(20);
    await this.stop();
  }

  /** Each client waits for the answer to what it has asked. */
  async stop(): Promise<void> {
    this.stopped = true;
    await Promise.all(this.clients);
  }

  private async goOn(way: 'http' | 'grpc', ask: () => Promise<Answer>): Promise<void> {
    while (!this.stopped) {
      try {
        const { said, values } = await ask();
        this.answered[way] += 1;
        if (this.expected.get(said) !== values) this.wrong.push(`${way}: version ${said} answered ${values}`);
      } catch (error) {
        this.failures.push(
          `${way}: ${String(error)}${error instanceof Error && error.cause instanceof Error ? ` (${error.cause.message})` : ''}`,
        );
        // Who is refused asks again a little later.
        await sleep(20);
      }
    }
  }

  private async overHttp(): Promise<Answer> {
    const answer = await fetch(`${this.predictor.url}/v2/models/${this.predictor.platform.model}/infer`, {
      method: 'POST',
      body: overHttp,
      headers: { 'content-type': 'application/json' },
    });
    const text = await answer.text();
    if (answer.status !== 200) throw new Error(`${String(answer.status)} ${text}`);
    const { model_version: said, outputs } = JSON.parse(text) as HttpAnswer;
    return { said, values: Float32Array.from(outputs[0].data).toString() };
  }
}

interface Answer {
  said: string;
  values: string;
}

interface HttpAnswer {
  model_version: string;
  outputs: { data: number[] }[];
}

const overGrpc = async (client: GrpcClient, model: string): Promise<Answer> => {
  const asked = { ...tensor, shape: ['1', '2'], contents: { fp32_contents: row } };
  const { code, details, message } = await client.infer({
    model_name: model,
    inputs: [asked],
    outputs: [{ name: 'probabilities' }],
  });
  if (code !== 0) throw new Error(`${String(code)} ${details}`);
  const [raw] = message.raw_output_contents as Buffer[];
  return { said: String(message.model_version), values: new Float32Array(new Uint8Array(raw).buffer).toString() };
};
