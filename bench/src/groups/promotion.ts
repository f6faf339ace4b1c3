import type { Bench } from '../bench.js';
import { smallModel } from '../fill/onnx-models.js';
import { addVersion, createModel, deleteModel, filesAround, promote } from '../fill/registered-version.js';
import type { Figure } from '../figure.js';
import { takeKafkaTurn } from '../servers/kafka-turn.js';
import { PromotedEvents, RETIRED } from '../servers/promoted-events.js';
import type { Side } from '../servers/side.js';
import { summarise } from '../statistics.js';

const TRANSITIONS = 200;
const WARM_UP = 10;
const TIMEOUT_MS = 10_000;
const P50_MS = 20;

/** A client sets the stage Production; how long until a consumer on Kafka has `model.promoted`. */
export const measurePromotion = async (bench: Bench): Promise<Figure[]> => {
  const { kafka, postgres } = bench.options.services;
  if (kafka === undefined) throw new Error('The group promotion needs Kafka.');
  const endTurn = await takeKafkaTurn(postgres);
  const name = `Bench-${Date.now().toString(36)}`;
  try {
    const side = await bench.startOurs({ KAFKA_BROKERS: kafka });
    await createModel(side, name);
    const versions = [
      await addVersion(side, name, filesAround(smallModel(1))),
      await addVersion(side, name, filesAround(smallModel(2))),
    ];
    const events = await PromotedEvents.follow(kafka, name);
    try {
      return await transitions(side, name, versions, events);
    } finally {
      await remove(side, name, events);
      await events.close();
    }
  } finally {
    await bench.endGroup();
    await endTurn();
  }
};

const transitions = async (side: Side, name: string, versions: string[], events: PromotedEvents): Promise<Figure[]> => {
  const fromSending: number[] = [];
  const fromAnswer: number[] = [];
  for (let nth = 1; nth <= WARM_UP + TRANSITIONS; nth++) {
    const sent = performance.now();
    await promote(side, name, versions[nth % versions.length]);
    const answered = performance.now();
    // The pointer moves at each of them, so the nth promotion is the nth generation.
    const arrived = await events.arrival(nth, TIMEOUT_MS);
    if (nth <= WARM_UP) continue;
    fromSending.push(arrived - sent);
    fromAnswer.push(arrived - answered);
  }
  return [
    figureOf('transition sent → model.promoted on Kafka', fromSending, `p50 ≤ ${String(P50_MS)} ms`),
    figureOf('transition answered → model.promoted on Kafka', fromAnswer, `p50 ≤ ${String(P50_MS)} ms`),
  ];
};

const figureOf = (name: string, latenciesMs: number[], target: string): Figure => {
  const seconds = latenciesMs.reduce((sum, ms) => sum + Math.max(ms, 0), 0) / 1000;
  const ours = summarise([{ latenciesMs, seconds }]);
  return { group: 'promotion', name, ours, target, met: ours.p50Ms <= P50_MS };
};

/** Waits until the broker has it. */
const remove = async (side: Side, name: string, events: PromotedEvents): Promise<void> => {
  await deleteModel(side, name);
  await events.arrival(RETIRED, TIMEOUT_MS);
};
