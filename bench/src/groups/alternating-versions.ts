import { setTimeout as sleep } from 'node:timers/promises';
import { machineMs } from '../load/traffic/machine-clock.js';
import type { Promotion } from '../answers-in-order.js';
import type { Bench } from '../bench.js';
import { forestModel, type ForestShape } from '../fill/onnx-models.js';
import { addVersion, createModel, deleteModel, filesAround, promote } from '../fill/registered-version.js';
import { takeKafkaTurn } from '../servers/kafka-turn.js';
import { Platform, type Predictor } from '../servers/platform.js';

/** 8.1 MB in the file. */
export const TREES_OF_8_MB: Omit<ForestShape, 'seed'> = { trees: 165, depth: 10, columns: 16 };

/** How exactly it is known when a version serves. Each look is a request that the predictor has to answer beside the others. */
const LOOK_EVERY_MS = 20;

/** One model with two versions that take turns in serving; their promotions go by the registry and Kafka, as anyone's. */
export class AlternatingVersions {
  /** What served since when, the first one from the start. */
  readonly promotions: Promotion[] = [];
  readonly swapsMs: number[] = [];

  private constructor(
    private readonly platform: Platform,
    readonly name: string,
    readonly predictor: Predictor,
    /** The files of version 1 and version 2. */
    readonly models: readonly Uint8Array<ArrayBuffer>[],
  ) {}

  static async start(bench: Bench): Promise<AlternatingVersions> {
    bench.atEnd(await takeKafkaTurn(bench.options.services.postgres));
    const platform = await Platform.start(bench, { bus: 'kafka', store: 'folder' });
    const name = `Bench-${Date.now().toString(36)}`;
    await createModel(platform.registry, name);
    const models = [1, 2].map((seed) => forestModel({ ...TREES_OF_8_MB, seed }));
    for (const model of models) await addVersion(platform.registry, name, filesAround(model));
    const predictor = await platform.startPredictor({ PREDICTOR_MODELS: name });
    const made = new AlternatingVersions(platform, name, predictor, models);
    bench.atEnd(() => made.remove());
    await made.next();
    return made;
  }

  /** Promotes the one that does not serve, and waits until it does. */
  async next(): Promise<void> {
    const { promotions } = this;
    const version = String(1 + (promotions.length % 2));
    const askedAtMs = machineMs();
    await promote(this.platform.registry, this.name, version);
    // Each of them moves the pointer, so the nth promotion is the nth generation.
    await this.predictor.serves(this.name, promotions.length + 1, { everyMs: LOOK_EVERY_MS });
    const servingAtMs = machineMs();
    promotions.push({ version, askedAtMs, servingAtMs });
    this.swapsMs.push(servingAtMs - askedAtMs);
  }

  /** `everyMs`: from one promotion to the next at least; 0: each as soon as the one before serves. */
  async times(count: number, everyMs: number): Promise<void> {
    for (let nth = 0; nth < count; nth++) {
      const nextAtMs = machineMs() + everyMs;
      await this.next();
      await sleep(Math.max(0, nextAtMs - machineMs()));
    }
  }

  /** Its end is told on the bus, so that Kafka keeps nothing of it. */
  private async remove(): Promise<void> {
    await deleteModel(this.platform.registry, this.name);
    await this.predictor.forgets(this.name);
  }
}
