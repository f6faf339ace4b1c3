import { PlatformError } from '#runtime';

const blank = /\s*/y;
const word = /[\p{L}\p{N}_$#@]+/uy;
const number = /-?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?(?![\p{L}\p{N}_$#@])/uy;
const symbol = /!=|<>|<=|>=|==|=|<|>/y;

/** Walks over a filter or an order-by clause, token by token, and knows where it is. Every step takes linear time. */
export class Scanner {
  private at = 0;

  constructor(
    readonly text: string,
    readonly name: string,
  ) {
    if (!text.isWellFormed() || text.includes('\0'))
      throw new PlatformError('REQUEST_INVALID', `The ${name} holds characters that no text has.`);
  }

  /** Where the next token begins. */
  position(): number {
    this.match(blank);
    return this.at;
  }

  ended(): boolean {
    return this.position() === this.text.length;
  }

  /** The next character that is not blank, left where it is. */
  peek(): string {
    return this.text.charAt(this.position());
  }

  /** True when the next character is `mark`, which is then passed over. No blank may stand before a `.`. */
  take(mark: string): boolean {
    if (this.text.charAt(mark === '.' ? this.at : this.position()) !== mark) return false;
    this.at += 1;
    return true;
  }

  word(): string | undefined {
    return this.token(word);
  }

  number(): string | undefined {
    return this.token(number);
  }

  symbol(): string | undefined {
    return this.token(symbol);
  }

  /** Passes over the next word when it is `expected`, in any case. */
  keyword(expected: string): boolean {
    const from = this.position();
    if (this.word()?.toUpperCase() === expected) return true;
    this.at = from;
    return false;
  }

  /**
   * What stands between two `mark`s. As in MLflow a doubled mark, or one behind a backslash, does not end the text if
   * another follows, and stays in it as it was written.
   */
  quoted(mark: string): string | undefined {
    const from = this.position();
    if (this.text.charAt(from) !== mark) return undefined;
    let kept: number | undefined;
    for (let end = this.text.indexOf(mark, from + 1); end !== -1; end = this.text.indexOf(mark, end + 1)) {
      const doubled = this.text.charAt(end + 1) === mark;
      if (!doubled && (mark === '`' || this.text.charAt(end - 1) !== '\\')) return this.cut(from, end);
      kept = end;
      if (doubled) end += 1;
    }
    return kept === undefined ? undefined : this.cut(from, kept);
  }

  /** What a message shows of the place `from`: the token there, cut short. */
  shown(from: number): string {
    this.at = from;
    const next =
      this.quoted("'") ?? this.quoted('"') ?? this.quoted('`') ?? this.number() ?? this.word() ?? this.symbol();
    const text = next === undefined ? this.text.slice(from, from + 1) : this.text.slice(from, this.at);
    return text.length > 100 ? `${text.slice(0, 100)}…` : text;
  }

  fail(message: string, from: number): PlatformError {
    return new PlatformError('REQUEST_INVALID', `${message} (character ${String(from + 1)} of the ${this.name})`);
  }

  private cut(from: number, end: number): string {
    this.at = end + 1;
    return this.text.slice(from + 1, end);
  }

  private token(pattern: RegExp): string | undefined {
    this.match(blank);
    return this.match(pattern);
  }

  private match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0];
    if (found !== undefined) this.at += found.length;
    return found;
  }
}
