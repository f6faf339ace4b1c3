type Numbers = Float32Array | Float64Array | Int32Array;

/** A typed array that grows as values come; what is left over is given back by `taken`. */
export class Growing<T extends Numbers> {
  private values: T;
  length = 0;

  constructor(private readonly type: new (size: number) => T) {
    this.values = new type(1024);
  }

  push(value: number): void {
    if (this.length === this.values.length) {
      const wider = new this.type(Math.ceil(this.length * 1.5));
      wider.set(this.values);
      this.values = wider;
    }
    this.values[this.length++] = value;
  }

  /** The values, in memory of their own size. */
  taken(): T {
    return this.values.slice(0, this.length) as T;
  }
}
