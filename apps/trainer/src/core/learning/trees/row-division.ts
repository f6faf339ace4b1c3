import { MISSING } from './binned-features.js';
import { TASK, type BoostingMemory } from './boosting-memory.js';

/**
 * Moves the rows of a node that go left before the others, with their gradients; each side keeps its order. Each part of the stretch is
 * divided by itself, those to the right kept aside; then the parts are joined.
 */
export class RowDivision {
  constructor(private readonly memory: BoostingMemory) {}

  /** Divides one part. Written to both sides and kept on one: a branch that goes either way as if at random costs more than a write. */
  part(part: number): void {
    const { rows, gradients, hessians, constantHessian, features, pairs, task, aside, lefts } = this.memory;
    const [from, to] = [this.edge(part), this.edge(part + 1)];
    const feature = task[TASK.feature] | 0;
    const [pair, shift] = [feature >> 1, 8 * (feature & 1)];
    const bins = pairs.subarray(pair * features.rowCount, (pair + 1) * features.rowCount);
    const last = task[TASK.bin] | 0;
    const missing = task[TASK.missingLeft] === 1 ? MISSING : MISSING + 1;
    let kept = from;
    let moved = from;
    for (let place = from; place < to; place++) {
      const row = rows[place];
      const own = (bins[row] >> shift) & 255;
      const goesLeft = (own <= last ? 1 : 0) | (own >= missing ? 1 : 0);
      rows[kept] = row;
      aside.rows[moved] = row;
      const gradient = gradients[place];
      gradients[kept] = gradient;
      aside.gradients[moved] = gradient;
      if (!constantHessian) {
        const hessian = hessians[place];
        hessians[kept] = hessian;
        aside.hessians[moved] = hessian;
      }
      kept += goesLeft;
      moved += 1 - goesLeft;
    }
    lefts[part] = kept - from;
  }

  /** Brings the parts together. @returns where the rows to the right begin */
  join(): number {
    const { task, lefts } = this.memory;
    const parts = task[TASK.parts];
    let kept = this.edge(0);
    for (let part = 0; part < parts; part++) {
      this.draw(kept, this.edge(part), lefts[part]);
      kept += lefts[part];
    }
    let next = kept;
    for (let part = 0; part < parts; part++) {
      const count = this.edge(part + 1) - this.edge(part) - lefts[part];
      this.takeBack(next, this.edge(part), count);
      next += count;
    }
    return kept;
  }

  private edge(part: number): number {
    const { task } = this.memory;
    const start = task[TASK.start];
    return Math.floor(start + ((task[TASK.end] - start) * part) / task[TASK.parts]) | 0;
  }

  private draw(to: number, from: number, count: number): void {
    if (to === from) return;
    const { rows, gradients, hessians, constantHessian } = this.memory;
    rows.copyWithin(to, from, from + count);
    gradients.copyWithin(to, from, from + count);
    if (!constantHessian) hessians.copyWithin(to, from, from + count);
  }

  private takeBack(to: number, from: number, count: number): void {
    const { rows, gradients, hessians, constantHessian, aside } = this.memory;
    rows.set(aside.rows.subarray(from, from + count), to);
    gradients.set(aside.gradients.subarray(from, from + count), to);
    if (!constantHessian) hessians.set(aside.hessians.subarray(from, from + count), to);
  }
}
