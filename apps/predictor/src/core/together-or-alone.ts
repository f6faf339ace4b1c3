interface Waiting {
  readonly alone: boolean;
  readonly go: () => void;
}

/** Works go on together, except those that must be alone: they wait for all before them, and all after them wait for them. */
export class TogetherOrAlone {
  private readonly waiting: Waiting[] = [];
  private running = 0;
  private isAlone = false;

  /** What is returned is called once, when the work is over. */
  async enter(alone: boolean): Promise<() => void> {
    if (this.waiting.length === 0 && this.mayGo(alone)) this.begin(alone);
    else await new Promise<void>((go) => this.waiting.push({ alone, go }));
    return () => {
      this.leave();
    };
  }

  private mayGo(alone: boolean): boolean {
    return alone ? this.running === 0 : !this.isAlone;
  }

  private begin(alone: boolean): void {
    this.running += 1;
    this.isAlone = alone;
  }

  private leave(): void {
    this.running -= 1;
    this.isAlone = false;
    let next = this.waiting.at(0);
    while (next !== undefined && this.mayGo(next.alone)) {
      this.waiting.shift();
      this.begin(next.alone);
      next.go();
      next = this.waiting.at(0);
    }
  }
}
