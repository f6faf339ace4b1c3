import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Module, type DynamicModule } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { expect } from 'vitest';
import { blobKey } from '#artifacts';
import { InMemoryArtifactStore } from '#artifacts/memory';
import { modelDeployed, type ModelDeployed, type ModelPromoted } from '#contracts';
import { EventBus } from '#messaging';
import { InMemoryEventBus } from '#messaging/memory';
import { readModel, signatureOf, writeModel } from '#onnx';
import { readSettings, SilentLogger, type Logger } from '#runtime';
import { eventually } from '#testing';
import { DownloadModel } from './core/download-model.js';
import { GrpcServer } from './inbound/grpc/grpc-server.js';
import { startPredictor } from './start-predictor.js';
import type { SourceBeside } from './supply.module.js';

/** A two-class model whose probabilities differ with `weight` on every input but zero. */
export const modelFile = (weight: number): Uint8Array =>
  writeModel({
    name: 'two classes',
    inputs: [{ name: 'features', datatype: 'FP32', shape: [-1, 2] }],
    outputs: [
      { name: 'label', datatype: 'INT64', shape: [-1] },
      { name: 'probabilities', datatype: 'FP32', shape: [-1, 2] },
    ],
    initializers: [{ name: 'weights', shape: [2, 2], data: Float32Array.of(weight, 0, 0, weight) }],
    nodes: [
      { op: 'MatMul', inputs: ['features', 'weights'], outputs: ['scores'] },
      { op: 'Softmax', inputs: ['scores'], outputs: ['probabilities'], attributes: { axis: { int: 1 } } },
      {
        op: 'ArgMax',
        inputs: ['scores'],
        outputs: ['label'],
        attributes: { axis: { int: 1 }, keepdims: { int: 0 } },
      },
    ],
  });

@Module({})
class Given {}
const giving = (token: abstract new (...args: never[]) => object, value: object): DynamicModule => ({
  module: Given,
  global: true,
  providers: [{ provide: token, useValue: value }],
  exports: [token],
});

export interface Answer {
  status: number;
  version: string | null;
  body: Record<string, unknown>;
}

/** A whole predictor, in this process, between a bus and a store in memory: what it promises is tested through its doors. */
export class PredictorRig {
  bus = new InMemoryEventBus();
  readonly store = new InMemoryArtifactStore();
  app: NestFastifyApplication | undefined;
  url = '';
  grpcPort = 0;
  /** Before `start`: one that keeps what is said, when that is what is tested. */
  logger: Logger = new SilentLogger();
  private generation = 0;

  private constructor(readonly folder: string) {}

  static async make(): Promise<PredictorRig> {
    return new PredictorRig(await mkdtemp(join(tmpdir(), 'baton-predictor-')));
  }

  async start(more: Record<string, string> = {}): Promise<void> {
    const settings = readSettings({
      HOST: '127.0.0.1',
      PREDICTOR_PORT: '0',
      PREDICTOR_GRPC_PORT: '0',
      PREDICTOR_ID: 'p1',
      PREDICTOR_CACHE_DIR: this.folder,
      PREDICTOR_RETRY_BACKOFF_MS: '50',
      PREDICTOR_MAX_BODY_BYTES: '100000',
      ...more,
    });
    const bus = giving(EventBus, this.bus);
    const source: SourceBeside = (files) => new DownloadModel(this.store, files, this.logger);
    this.app = await startPredictor({ settings, logger: this.logger, bus, source });
    this.url = await this.app.getUrl();
    this.grpcPort = this.app.get(GrpcServer, { strict: false }).port ?? 0;
  }

  async stop(): Promise<void> {
    await this.app?.close();
    this.app = undefined;
  }

  async end(): Promise<void> {
    await this.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** A promotion of the next generation, its bytes in the store. */
  async promotionOf(version: number, more: Partial<ModelPromoted> = {}): Promise<ModelPromoted> {
    const bytes = modelFile(version);
    const artifact = await this.stored(bytes);
    const columns = ['petal length (cm)', 'petal width (cm)'].map((name) => ({ name, type: 'double', required: true }));
    this.generation += 1;
    return {
      model: 'iris',
      version,
      generation: this.generation,
      runId: `run-${String(version)}`,
      stage: 'Production',
      modelUri: `models:/iris/${String(version)}`,
      artifact,
      signature: { ...signatureOf(readModel(bytes)), columns },
      previousVersion: null,
      cause: 'request',
      promotedBy: 'test',
      reason: 'because',
      promotedAt: new Date().toISOString(),
      firstPromotedAt: '2026-01-01T00:00:00.000Z',
      ...more,
    };
  }

  async stored(bytes: Uint8Array): Promise<ModelPromoted['artifact']> {
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    await this.store.put(blobKey(sha256), bytes);
    return { key: blobKey(sha256), sha256, sizeBytes: bytes.length };
  }

  say(promotion: ModelPromoted): Promise<void> {
    return this.publish(promotion.model, promotion);
  }

  async promote(version: number, more: Partial<ModelPromoted> = {}): Promise<ModelPromoted> {
    const promotion = await this.promotionOf(version, more);
    await this.say(promotion);
    return promotion;
  }

  retire(model = 'iris'): Promise<void> {
    this.generation += 1;
    return this.publish(model, null);
  }

  async ask(path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const sent = typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body);
    const typed = { 'content-type': 'application/json', ...headers };
    const answer = await fetch(
      `${this.url}${path}`,
      body === undefined ? {} : { method: 'POST', body: sent, headers: typed },
    );
    return {
      status: answer.status,
      version: answer.headers.get('x-model-version'),
      body: (await answer.json()) as Record<string, unknown>,
    };
  }

  async ready(): Promise<number> {
    return (await fetch(`${this.url}/v2/health/ready`)).status;
  }

  servesVersion(version: number): Promise<void> {
    return eventually(async () => {
      expect((await this.ask('/model-info')).body).toMatchObject({ version: String(version), status: 'serving' });
    });
  }

  async deployed(): Promise<ModelDeployed[]> {
    const said: ModelDeployed[] = [];
    for await (const { value } of this.bus.readAll('model.deployed'))
      said.push(modelDeployed.parse(JSON.parse(new TextDecoder().decode(value ?? undefined))));
    return said;
  }

  private publish(model: string, data: ModelPromoted | null): Promise<void> {
    return this.bus.publish('model.promoted', model, {
      id: `${model}-${String(this.generation)}`,
      source: '/registry',
      type: 'model.promoted',
      subject: model,
      time: new Date().toISOString(),
      ...(data === null && { generation: this.generation }),
      data,
    });
  }
}
