import type { Bench } from '../bench.js';
import type { Figure } from '../figure.js';
import { INPUT, OUTPUT, smallModel } from '../fill/onnx-models.js';
import { addVersion, createModel, deleteModel, filesAround, promote } from '../fill/registered-version.js';
import { httpCallers } from '../load/traffic/http-caller.js';
import { takeKafkaTurn } from '../servers/kafka-turn.js';
import { Platform, type Predictor } from '../servers/platform.js';
import { summarise } from '../statistics.js';

const WARM_UP = 10;
const TIMEOUT_MS = 10_000;
const P50_MS = 60;
const P99_MS = 250;

/** A client sets the stage Production of a version that no predictor has ever seen; how long until another client is answered by it. */
export const measureDelivery = async (bench: Bench): Promise<Figure[]> => {
  bench.atEnd(await takeKafkaTurn(bench.options.services.postgres));
  const platform = await Platform.start(bench, { bus: 'kafka', store: 's3' });
  const { registry } = platform;
  const name = `Bench-${Date.now().toString(36)}`;
  await createModel(registry, name);
  const count = WARM_UP + bench.options.promotions;
  const versions: string[] = [];
  // Every version has bytes of its own, so that each is fetched.
  for (let nth = 0; nth < count; nth++)
    versions.push(await addVersion(registry, name, filesAround(smallModel(1 + nth / 1024))));
  const predictor = await platform.startPredictor({ PREDICTOR_MODELS: name });
  bench.atEnd(async () => {
    await deleteModel(registry, name);
    await predictor.forgets(name);
  });
  const [fromSending, fromAnswer]: [number[], number[]] = [[], []];
  const client = new Client(predictor, name);
  for (const [nth, version] of versions.entries()) {
    const sent = performance.now();
    const promoting = promote(registry, name, version).then(() => performance.now());
    const answeredBy = nth === 0 ? predictor.serves(name).then(() => performance.now()) : client.answeredBy(version);
    const [committed, answered] = await Promise.all([promoting, answeredBy]);
    if (nth < WARM_UP) continue;
    fromSending.push(answered - sent);
    fromAnswer.push(answered - committed);
  }
  client.close();
  return [
    figureOf('the registry has answered (so it is committed) → first answer by the new version', fromAnswer),
    figureOf('the promotion is sent → first answer by the new version', fromSending),
  ];
};

/** Asks again and again, one request after the other. */
class Client {
  private readonly caller;

  constructor(
    predictor: Predictor,
    private readonly name: string,
  ) {
    this.caller = httpCallers({
      protocol: 'http-json',
      address: predictor.url,
      models: [name],
      connections: 1,
      timeoutMs: TIMEOUT_MS,
      input: { name: INPUT, columns: 4 },
      output: OUTPUT,
      rows: 1,
      features: Float32Array.of(1, 2, 3, 4),
      expected: {},
    })(0);
  }

  /** When the first answer by this version came. */
  async answeredBy(version: string): Promise<number> {
    const deadline = performance.now() + TIMEOUT_MS;
    while (performance.now() < deadline)
      if ((await this.caller.call(this.name, 0)).version === version) return performance.now();
    throw new Error(`No answer by version ${version} in ${String(TIMEOUT_MS)} ms.`);
  }

  close(): void {
    this.caller.close();
  }
}

const figureOf = (name: string, latenciesMs: number[]): Figure => {
  const seconds = latenciesMs.reduce((sum, ms) => sum + Math.max(ms, 0), 0) / 1000;
  const ours = summarise([{ latenciesMs, seconds }]);
  return {
    group: 'delivery',
    name,
    ours,
    target: `p50 ≤ ${String(P50_MS)} ms, p99 ≤ ${String(P99_MS)} ms`,
    met: ours.p50Ms <= P50_MS && ours.p99Ms <= P99_MS,
    notes: 'registry → Kafka → predictor → S3; a version never fetched before each time',
  };
};
