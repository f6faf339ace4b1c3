/** Shifted-off places are given back when there are so many, and more than half. */
const COMPACT_FROM = 256;

/** First in, first out, without moving the rest at each `shift`. */
export class Fifo<T> {
  private items: T[] = [];
  private head = 0;

  get length(): number {
    return this.items.length - this.head;
  }

  push(item: T): void {
    this.items.push(item);
  }

  peek(): T | undefined {
    return this.items[this.head];
  }

  shift(): T | undefined {
    if (this.length === 0) return undefined;
    const item = this.items[this.head];
    this.head += 1;
    if (this.length === 0) {
      this.items = [];
      this.head = 0;
    } else if (this.head >= COMPACT_FROM && this.head > this.length) {
      this.items = this.items.slice(this.head);
      this.head = 0;
    }
    return item;
  }

  /** Takes out what `unwanted` is true for; the order of the rest stays. */
  remove(unwanted: (item: T) => boolean): T[] {
    const all = this.items.slice(this.head);
    this.items = all.filter((item) => !unwanted(item));
    this.head = 0;
    return all.filter((item) => unwanted(item));
  }
}
