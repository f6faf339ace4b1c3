import type { Tensor } from '#onnx';
import { PlatformError } from '#runtime';
import { haveRows, joinRows, rowsOf } from './join-rows.js';
import type { Demand, Lane } from './model-host.js';
import { elementsOf, type Pace } from './pace.js';
import { lines } from './placement.js';

type Answer = Awaited<ReturnType<Lane['run']>>;

/** What a model has where it shares a thread with others. */
export interface SharedLaneParts {
  /** Its session on the shared thread. */
  readonly session: Lane;
  readonly pace: Pace;
  /** Its rows were shown to be answered together as alone, so that they may be run apart as well. */
  readonly isSeparable: boolean;
  /** Runs it once where nobody else lives; undefined when there is no such place. */
  readonly aside: (run: (lane: Lane) => Promise<Answer>, demand?: Demand) => Promise<Answer | undefined>;
}

/**
 * A lane on a thread that others share. What would hold the thread for long is run in slices of rows, between which the others come
 * in; where rows are not known to be independent, on another thread. What nobody waits for any more is left off between two slices.
 */
export class SharedLane implements Lane {
  constructor(private readonly parts: SharedLaneParts) {}

  async run(inputs: readonly Tensor[], outputNames?: readonly string[], demand?: Demand): Promise<Answer> {
    const { pace, isSeparable } = this.parts;
    const elements = elementsOf(inputs);
    if (pace.forecastMs(elements) <= lines.holdMs) return this.measured(this.parts.session, inputs, outputNames);
    const rows = commonRows(inputs);
    const size = { rows, elements };
    const inSlices = isSeparable && rows > 1 ? await this.inSlices(inputs, size, outputNames, demand) : undefined;
    return inSlices ?? this.whole(inputs, outputNames, demand);
  }

  /** Undefined when other rows come back than went in: then nobody knows whose they are. */
  private async inSlices(
    inputs: readonly Tensor[],
    { rows, elements }: { rows: number; elements: number },
    outputNames: readonly string[] | undefined,
    demand: Demand | undefined,
  ): Promise<Answer | undefined> {
    const answers: Answer[] = [];
    for (let from = 0; from < rows;) {
      stopIfUnwanted(demand);
      // Each slice teaches how large the next one may be.
      const rowMs = this.parts.pace.forecastMs(elements / rows);
      const count = Math.min(rows - from, Math.max(1, Math.floor(lines.holdMs / rowMs)));
      const slice = inputs.map((tensor) => rowsOf(tensor, from, count));
      const answer = await this.measured(this.parts.session, slice, outputNames);
      if (!haveRows(answer.outputs, count)) return undefined;
      answers.push(answer);
      from += count;
    }
    const tookMs = answers.reduce((sum, answer) => sum + answer.tookMs, 0);
    return {
      outputs: answers.length === 1 ? answers[0].outputs : joinRows(answers.map(({ outputs }) => outputs)),
      tookMs,
    };
  }

  private async whole(
    inputs: readonly Tensor[],
    outputNames: readonly string[] | undefined,
    demand: Demand | undefined,
  ): Promise<Answer> {
    const answer = await this.parts.aside((lane) => this.measured(lane, inputs, outputNames), demand);
    if (answer === undefined) stopIfUnwanted(demand);
    return answer ?? this.measured(this.parts.session, inputs, outputNames);
  }

  private async measured(lane: Lane, inputs: readonly Tensor[], outputNames?: readonly string[]): Promise<Answer> {
    const elements = elementsOf(inputs);
    const answer = await lane.run(inputs, outputNames);
    this.parts.pace.learn(elements, answer.tookMs);
    return answer;
  }
}

/** @throws PlatformError CLIENT_GONE */
export const stopIfUnwanted = (demand: Demand | undefined): void => {
  if (demand?.isWanted === false) throw new PlatformError('CLIENT_GONE');
};

/** The rows of all inputs alike; 0 when they differ, as where one of them is spread over the rows of another. */
const commonRows = (inputs: readonly Tensor[]): number => {
  const [rows = 0] = inputs.map(({ shape }) => shape[0] ?? 0);
  return inputs.every(({ shape }) => shape[0] === rows) ? rows : 0;
};
