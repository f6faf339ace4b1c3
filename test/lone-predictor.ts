import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import { blobKey } from '#artifacts';
import { modelDeployed, type ModelDeployed, type ModelPromoted } from '#contracts';
import { readModel, signatureOf } from '#onnx';
import { eventually } from '#testing';
import { Platform, type PlatformOptions } from './platform.js';

/** A predictor as a process, with a bus and a store and nobody else: the test itself says what is promoted. */
export class LonePredictor {
  private generation = 0;

  private constructor(readonly platform: Platform) {}

  static async prepare(options: PlatformOptions = {}): Promise<LonePredictor> {
    return new LonePredictor(await Platform.prepare('embedded', options));
  }

  get url(): string {
    return this.platform.predictorUrl;
  }

  get grpcPort(): number {
    return Number(this.platform.environment.PREDICTOR_GRPC_PORT);
  }

  /** Puts the file into the store and says on the bus that this version is promoted. */
  async promote(version: number, bytes: Uint8Array): Promise<ModelPromoted> {
    const { platform } = this;
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    await platform.store.put(blobKey(sha256), bytes);
    this.generation += 1;
    const at = new Date().toISOString();
    const data: ModelPromoted = {
      model: platform.model,
      version,
      generation: this.generation,
      runId: null,
      stage: 'Production',
      modelUri: `models:/${platform.model}/${String(version)}`,
      artifact: { key: blobKey(sha256), sha256, sizeBytes: bytes.length },
      signature: signatureOf(readModel(bytes)),
      previousVersion: null,
      cause: 'request',
      promotedBy: 'test',
      reason: 'because',
      promotedAt: at,
      firstPromotedAt: at,
    };
    const bus = await platform.eventBus();
    await bus.publish('model.promoted', platform.model, {
      id: `${platform.model}-${String(this.generation)}`,
      source: '/test',
      type: 'model.promoted',
      subject: platform.model,
      time: at,
      data,
    });
    return data;
  }

  async servesVersion(version: number): Promise<void> {
    await eventually(async () => {
      const answer = await fetch(`${this.url}/model-info`);
      expect(await answer.json()).toMatchObject({ version: String(version), status: 'serving' });
    }, 60_000);
  }

  async ready(): Promise<number> {
    return (await fetch(`${this.url}/v2/health/ready`)).status;
  }

  /** What it said last of its model. */
  async saidLast(): Promise<ModelDeployed | undefined> {
    const bus = await this.platform.eventBus();
    let last: ModelDeployed | undefined;
    for await (const { value } of bus.readAll('model.deployed'))
      if (value !== null) last = modelDeployed.parse(JSON.parse(new TextDecoder().decode(value)));
    return last;
  }
}
