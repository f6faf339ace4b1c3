import { openSession } from '#onnx/runtime';
import type { Bench } from '../bench.js';
import { forestModel, INPUT, OUTPUT } from '../fill/onnx-models.js';
import { addVersion, createModel, filesAround, promote } from '../fill/registered-version.js';
import { Traffic } from '../load/traffic/traffic.js';
import type { TrafficPlan } from '../load/traffic/traffic-plan.js';
import type { Predictor } from '../servers/platform.js';
import type { Side } from '../servers/side.js';
import { expectedOf } from './expected-answers.js';

const COLUMNS = 4;
const REQUESTS = 16;
/** As large as the forest on iris. */
const SHAPE = { trees: 100, depth: 4, columns: COLUMNS };
const AT_A_TIME = 8;

/** Models of their own bytes, registered and promoted, with what each must answer. */
export class SmallForests {
  private readonly expected: TrafficPlan['expected'] = {};
  private readonly features = Float32Array.from({ length: REQUESTS * COLUMNS }, (_, at) => Math.sin(at * 12.9898));

  private constructor(
    readonly names: readonly string[],
    readonly traffic: Traffic,
  ) {}

  static async on(bench: Bench, registry: Side, count: number): Promise<SmallForests> {
    const names = Array.from({ length: count }, (_, at) => `forest-${String(at)}`);
    const traffic = new Traffic(bench.options.cores.load);
    bench.atEnd(() => {
      traffic.close();
      return Promise.resolve();
    });
    const forests = new SmallForests(names, traffic);
    const left = names.entries();
    const register = async (): Promise<void> => {
      for (const [seed, name] of left) await forests.register(registry, name, seed + 1);
    };
    await Promise.all(Array.from({ length: AT_A_TIME }, register));
    return forests;
  }

  /** Every connection goes round all of the models. */
  planFor(predictor: Predictor, models: readonly string[], connections: number): TrafficPlan {
    return {
      protocol: 'http-json',
      address: predictor.url,
      models: [...models],
      connections,
      timeoutMs: 30_000,
      input: { name: INPUT, columns: COLUMNS },
      output: OUTPUT,
      rows: 1,
      features: this.features,
      expected: this.expected,
    };
  }

  private async register(registry: Side, name: string, seed: number): Promise<void> {
    const bytes = forestModel({ ...SHAPE, seed });
    const session = await openSession(bytes);
    const asked = { input: INPUT, output: OUTPUT, columns: COLUMNS, rows: 1, features: this.features };
    this.expected[`${name}:1`] = await expectedOf(session, asked);
    await session.release();
    await createModel(registry, name);
    await promote(registry, name, await addVersion(registry, name, filesAround(bytes)));
  }
}
