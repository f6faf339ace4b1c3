import { openSession } from '#onnx/runtime';
import { answersInOrder } from '../answers-in-order.js';
import type { Bench } from '../bench.js';
import { INPUT, OUTPUT } from '../fill/onnx-models.js';
import { Traffic } from '../load/traffic/traffic.js';
import type { TrafficPlan, TrafficSeen } from '../load/traffic/traffic-plan.js';
import { TREES_OF_8_MB, type AlternatingVersions } from './alternating-versions.js';
import { expectedOf } from './expected-answers.js';
import { failures } from './traffic-figures.js';

const REQUESTS = 128;
export const HTTP = 64;
export const GRPC = 16;

/** Both generators as one. */
export class SwapLoad {
  private constructor(
    private readonly traffics: readonly Traffic[],
    private readonly plans: readonly TrafficPlan[],
    private readonly versions: AlternatingVersions,
  ) {}

  static async on(bench: Bench, versions: AlternatingVersions): Promise<SwapLoad> {
    const { columns } = TREES_OF_8_MB;
    const features = Float32Array.from({ length: REQUESTS * columns }, (_, at) => Math.sin(at * 12.9898));
    const expected: TrafficPlan['expected'] = {};
    for (const [at, model] of versions.models.entries()) {
      const session = await openSession(model);
      const asked = { input: INPUT, output: OUTPUT, columns, rows: 1, features };
      expected[`${versions.name}:${String(at + 1)}`] = await expectedOf(session, asked);
      await session.release();
    }
    const { url, address } = versions.predictor;
    const common = { models: [versions.name], timeoutMs: 30_000, rows: 1, features, expected };
    const named = { input: { name: INPUT, columns }, output: OUTPUT };
    const plans: TrafficPlan[] = [
      { ...common, ...named, protocol: 'http', address: url, connections: HTTP },
      { ...common, ...named, protocol: 'grpc', address, connections: GRPC },
    ];
    const traffics = plans.map(() => new Traffic(bench.options.cores.load));
    bench.atEnd(() => {
      for (const traffic of traffics) traffic.close();
      return Promise.resolve();
    });
    return new SwapLoad(traffics, plans, versions);
  }

  /** `rates`: requests per second by HTTP and by gRPC; none: as fast as answered. */
  during(rates: readonly number[], seconds?: number): Promise<TrafficSeen[]> {
    return Promise.all(
      this.traffics.map((traffic, at) => traffic.carryOut({ ...this.plans[at], perSecond: rates.at(at), seconds })),
    );
  }

  async until(rates: readonly number[], work: () => Promise<void>): Promise<TrafficSeen[]> {
    const going = this.during(rates);
    try {
      await work();
    } finally {
      for (const traffic of this.traffics) traffic.stop();
    }
    return going;
  }

  /** Sentences on what must not have been; none when all is well. */
  faultsOf(seen: readonly TrafficSeen[]): string[] {
    const { words } = failures(seen);
    const orders = seen.map((one) => answersInOrder(one, this.versions.promotions));
    const older = orders.reduce((sum, order) => sum + order.older, 0);
    const first = orders.find(({ fault }) => fault !== undefined)?.fault ?? '';
    return [
      ...(words === undefined ? [] : [words]),
      ...(older === 0 ? [] : [`${String(older)} older after newer: ${first}`]),
    ];
  }
}
