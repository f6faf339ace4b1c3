/**
 * What a boosting lessens. Scores lie target after target: that of row `r` in target `t` at `t * rows + r`.
 */
export interface BoostingLoss {
  /** Trees that are grown in each round: one for two classes or a value, else one for each class. */
  readonly targets: number;
  /** All hessians are 1. */
  readonly constantHessian: boolean;
  /** The constant score of each target to start from. */
  baseline(): Float64Array;
  /** Called before a round's slopes. */
  beginRound(scores: Float64Array): void;
  /** First and second derivatives for one target, in the rows' order. @returns what they come to, as they are kept */
  slopes(scores: Float64Array, target: number, gradients: Float32Array, hessians: Float32Array): Slopes;
  /** The mean over the rows; with `most` over so many of them, spread evenly. */
  mean(scores: Float64Array, most?: number): number;
}

export interface Slopes {
  gradient: number;
  hessian: number;
}

/** Multiples of it fall evenly between 0 and 1, in step with no order that rows may lie in. */
const GOLDEN = (Math.sqrt(5) - 1) / 2;

const meanOver = (rows: number, most: number, lossOf: (row: number) => number): number => {
  const looked = Math.min(rows, most);
  let sum = 0;
  for (let turn = 0; turn < looked; turn++)
    sum += lossOf(looked === rows ? turn : Math.floor(((turn * GOLDEN) % 1) * rows));
  return sum / looked;
};

/** Log-loss of two classes; the score is that of the second one. */
export class BinaryLoss implements BoostingLoss {
  readonly targets = 1;
  readonly constantHessian = false;

  constructor(private readonly labels: Int32Array) {}

  baseline(): Float64Array {
    const share = this.labels.reduce((sum, label) => sum + label, 0) / this.labels.length;
    return Float64Array.of(Math.log(share / (1 - share)));
  }

  beginRound(): void {
    /* nothing is shared between targets: there is one */
  }

  slopes(scores: Float64Array, _target: number, gradients: Float32Array, hessians: Float32Array): Slopes {
    const { labels } = this;
    let [gradient, hessian] = [0, 0];
    for (let row = 0; row < labels.length; row++) {
      const probability = 1 / (1 + Math.exp(-scores[row]));
      gradient += gradients[row] = Math.fround(probability - labels[row]);
      hessian += hessians[row] = Math.fround(probability * (1 - probability));
    }
    return { gradient, hessian };
  }

  mean(scores: Float64Array, most = Infinity): number {
    return meanOver(this.labels.length, most, (row) => {
      const score = scores[row];
      return Math.max(score, 0) - score * this.labels[row] + Math.log(1 + Math.exp(-Math.abs(score)));
    });
  }
}

/** Log-loss of more classes: a score for each, by softmax. */
export class MulticlassLoss implements BoostingLoss {
  readonly constantHessian = false;
  /** As scores lie. */
  private readonly probabilities: Float32Array;

  constructor(
    private readonly labels: Int32Array,
    readonly targets: number,
  ) {
    this.probabilities = new Float32Array(labels.length * targets);
  }

  baseline(): Float64Array {
    const logs = new Float64Array(this.targets);
    for (const label of this.labels) logs[label]++;
    for (let id = 0; id < this.targets; id++) logs[id] = Math.log(Math.max(logs[id] / this.labels.length, 2 ** -52));
    const mean = logs.reduce((sum, log) => sum + log, 0) / this.targets;
    return logs.map((log) => log - mean);
  }

  beginRound(scores: Float64Array): void {
    const { probabilities, targets } = this;
    const rows = this.labels.length;
    for (let row = 0; row < rows; row++) {
      const { greatest, sum } = sumOfExp(scores, row, rows);
      for (let id = 0; id < targets; id++)
        probabilities[id * rows + row] = Math.exp(scores[id * rows + row] - greatest) / sum;
    }
  }

  slopes(_scores: Float64Array, target: number, gradients: Float32Array, hessians: Float32Array): Slopes {
    const { labels, probabilities } = this;
    const from = target * labels.length;
    let [gradient, hessian] = [0, 0];
    for (let row = 0; row < labels.length; row++) {
      const probability = probabilities[from + row];
      gradient += gradients[row] = Math.fround(probability - (labels[row] === target ? 1 : 0));
      hessian += hessians[row] = Math.fround(probability * (1 - probability));
    }
    return { gradient, hessian };
  }

  mean(scores: Float64Array, most = Infinity): number {
    const rows = this.labels.length;
    return meanOver(rows, most, (row) => {
      const { greatest, sum } = sumOfExp(scores, row, rows);
      return Math.log(sum) + greatest - scores[this.labels[row] * rows + row];
    });
  }
}

/** Over the targets of a row; the greatest score is taken off first, so that nothing overflows. */
const sumOfExp = (scores: Float64Array, row: number, rows: number): { greatest: number; sum: number } => {
  let greatest = -Infinity;
  for (let place = row; place < scores.length; place += rows) greatest = Math.max(greatest, scores[place]);
  let sum = 0;
  for (let place = row; place < scores.length; place += rows) sum += Math.exp(scores[place] - greatest);
  return { greatest, sum };
};

/** Half the squared error, whose second derivative is 1. */
export class SquaredLoss implements BoostingLoss {
  readonly targets = 1;
  readonly constantHessian = true;

  constructor(private readonly values: Float64Array) {}

  baseline(): Float64Array {
    // As the graph holds it: the trees make up for what rounding took.
    return Float64Array.of(Math.fround(this.values.reduce((sum, value) => sum + value, 0) / this.values.length));
  }

  beginRound(): void {
    /* nothing is shared between targets: there is one */
  }

  slopes(scores: Float64Array, _target: number, gradients: Float32Array): Slopes {
    let gradient = 0;
    for (let row = 0; row < this.values.length; row++)
      gradient += gradients[row] = Math.fround(scores[row] - this.values[row]);
    return { gradient, hessian: this.values.length };
  }

  mean(scores: Float64Array, most = Infinity): number {
    return meanOver(this.values.length, most, (row) => (this.values[row] - scores[row]) ** 2) / 2;
  }
}
