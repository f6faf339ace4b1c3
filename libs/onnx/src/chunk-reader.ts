/** Wire types of protobuf. */
const wire = { varint: 0, bit64: 1, lengthDelimited: 2, bit32: 5 };

/** Reads a stream of chunks as one row of bytes, each once; holds one chunk at a time. */
export class ChunkReader {
  /** How many bytes were read or passed over. */
  position = 0;
  private readonly chunks: AsyncIterator<Uint8Array>;
  private chunk: Uint8Array = new Uint8Array();
  private at = 0;

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.chunks = chunks[Symbol.asyncIterator]();
  }

  async atEnd(): Promise<boolean> {
    return !(await this.fill());
  }

  /** A copy, so that what is kept of a chunk does not keep the rest. @throws RangeError when the bytes end before. */
  async take(count: number): Promise<Uint8Array> {
    const taken = new Uint8Array(count);
    await this.pass(count, (part, offset) => {
      taken.set(part, offset);
    });
    return taken;
  }

  /** A number of protobuf as it is encoded, at most ten bytes. */
  async varint(): Promise<Uint8Array> {
    const here = endOfVarint(this.chunk, this.at);
    if (here !== undefined) {
      const encoded = this.chunk.slice(this.at, here);
      this.move(encoded.length);
      return encoded;
    }
    const bytes: number[] = [];
    do bytes.push((await this.take(1))[0]);
    while (bytes[bytes.length - 1] >= 0x80 && bytes.length < 10);
    return Uint8Array.from(bytes);
  }

  /** @throws RangeError when the bytes end before. */
  skip(count: number): Promise<void> {
    return this.pass(count, () => undefined);
  }

  /**
   * Passes over the fields that come next as long as they are wanted, end before `end` and lie in memory: tables of tree
   * ensembles are millions of fields of five bytes. Returns how many bytes that were.
   */
  passFields(isWanted: (number: number) => boolean, end: number): number {
    const from = this.at;
    for (;;) {
      const next = endOfField(this.chunk, this.at, isWanted);
      if (next === undefined || this.position + (next - this.at) > end) return this.at - from;
      this.move(next - this.at);
    }
  }

  private async pass(count: number, each: (part: Uint8Array, offset: number) => void): Promise<void> {
    for (let passed = 0; passed < count;) {
      if (!(await this.fill())) throw new RangeError('it is cut off');
      const part = this.chunk.subarray(this.at, this.at + count - passed);
      each(part, passed);
      this.move(part.length);
      passed += part.length;
    }
  }

  private move(bytes: number): void {
    this.at += bytes;
    this.position += bytes;
  }

  private async fill(): Promise<boolean> {
    while (this.at === this.chunk.length) {
      const next = await this.chunks.next();
      if (next.done === true) return false;
      this.chunk = next.value;
      this.at = 0;
    }
    return true;
  }
}

/** Where the number that begins at `at` ends; undefined when the chunk ends before or it is too long. */
const endOfVarint = (chunk: Uint8Array, at: number): number | undefined => {
  for (let end = at; end < chunk.length && end < at + 10; end++) if (chunk[end] < 0x80) return end + 1;
  return undefined;
};

/** Where the wanted field that begins at `at` ends; undefined when it is another or not whole in the chunk. */
const endOfField = (chunk: Uint8Array, at: number, isWanted: (number: number) => boolean): number | undefined => {
  const tagEnd = endOfVarint(chunk, at);
  if (tagEnd === undefined) return undefined;
  const tag = valueOf(chunk, at, tagEnd);
  if (!isWanted(Math.floor(tag / 8))) return undefined;
  const end = endOfContent(chunk, tagEnd, tag % 8);
  return end !== undefined && end <= chunk.length ? end : undefined;
};

const endOfContent = (chunk: Uint8Array, at: number, wireType: number): number | undefined => {
  if (wireType === wire.bit32) return at + 4;
  if (wireType === wire.bit64) return at + 8;
  const end = endOfVarint(chunk, at);
  if (end === undefined || wireType === wire.varint) return end;
  return wireType === wire.lengthDelimited ? end + valueOf(chunk, at, end) : undefined;
};

const valueOf = (chunk: Uint8Array, at: number, end: number): number => {
  let value = 0;
  for (let index = end - 1; index >= at; index--) value = value * 128 + (chunk[index] & 0x7f);
  return value;
};
