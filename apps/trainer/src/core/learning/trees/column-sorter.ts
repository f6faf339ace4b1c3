/** Bits of a digit. Three of them make a float32. */
const DIGIT = 11;
const DIGITS = 3;
const BUCKETS = 2 ** DIGIT;

/** The values of a column that are there, in ascending order, and the row of each. */
export interface SortedColumn {
  values: Float32Array;
  rows: Int32Array;
}

/** Bits of float32 values, or integers that compare as the values do, with the rows they belong to. */
class Column {
  readonly keys: Int32Array;
  readonly values: Float32Array;
  readonly rows: Int32Array;

  constructor(size: number) {
    this.keys = new Int32Array(size);
    this.values = new Float32Array(this.keys.buffer);
    this.rows = new Int32Array(size);
  }
}

/** Sorts the columns of a table, one at a time, digit by digit: a fifth of the time of comparing, and each value keeps its row. */
export class ColumnSorter {
  private readonly counts = new Int32Array(DIGITS * BUCKETS);
  private from: Column;
  private to: Column;

  constructor(
    private readonly table: Float32Array,
    private readonly featureCount: number,
  ) {
    const size = table.length / featureCount;
    [this.from, this.to] = [new Column(size), new Column(size)];
  }

  /** @returns what the next call overwrites */
  sort(feature: number): SortedColumn {
    const present = this.read(feature);
    for (let digit = 0; digit < DIGITS; digit++) this.pass(digit, present);
    const { keys, values, rows } = this.from;
    for (let place = 0; place < present; place++) keys[place] = bitsOf(keys[place]);
    return { values: values.subarray(0, present), rows: rows.subarray(0, present) };
  }

  /** Takes up the values that are there and counts their digits. @returns how many */
  private read(feature: number): number {
    const { table, featureCount, counts } = this;
    const { keys, values, rows } = this.from;
    counts.fill(0);
    let present = 0;
    for (let row = 0, place = feature; place < table.length; row++, place += featureCount) {
      const value = table[place];
      if (value !== value) continue;
      values[present] = value;
      const key = keyOf(keys[present]);
      keys[present] = key;
      rows[present++] = row;
      counts[key & (BUCKETS - 1)]++;
      counts[BUCKETS + ((key >>> DIGIT) & (BUCKETS - 1))]++;
      counts[2 * BUCKETS + (key >>> (2 * DIGIT))]++;
    }
    return present;
  }

  /** Orders by one digit what is ordered by the lower ones. */
  private pass(digit: number, present: number): void {
    const { counts, from, to } = this;
    const own = counts.subarray(digit * BUCKETS, (digit + 1) * BUCKETS);
    let next = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      const count = own[bucket];
      own[bucket] = next;
      next += count;
    }
    const shift = digit * DIGIT;
    for (let place = 0; place < present; place++) {
      const key = from.keys[place];
      const at = own[(key >>> shift) & (BUCKETS - 1)]++;
      to.keys[at] = key;
      to.rows[at] = from.rows[place];
    }
    [this.from, this.to] = [to, from];
  }
}

/** Of a float's bits: unsigned integers in the floats' order. Negative floats grow downwards, so all their bits turn; of others the sign's. */
const keyOf = (bits: number): number => bits ^ ((bits >> 31) | 0x80000000);

const bitsOf = (key: number): number => key ^ (key < 0 ? 0x80000000 : -1);
