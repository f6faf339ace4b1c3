/** Chunks in lists of at least `bytes` (the last may have less), so that many small ones cost one write. Nothing is copied. */
export const gathered = async function* (chunks: AsyncIterable<Buffer>, bytes: number): AsyncGenerator<Buffer[]> {
  let waiting: Buffer[] = [];
  let waitingBytes = 0;
  for await (const chunk of chunks) {
    waiting.push(chunk);
    waitingBytes += chunk.length;
    if (waitingBytes < bytes) continue;
    yield waiting;
    [waiting, waitingBytes] = [[], 0];
  }
  if (waiting.length > 0) yield waiting;
};

/** As `gathered`, in lists of exactly `bytes`: a chunk that reaches over the end of one is cut. */
export const chunksOf = async function* (chunks: AsyncIterable<Buffer>, bytes: number): AsyncGenerator<Buffer[]> {
  let waiting: Buffer[] = [];
  let missing = bytes;
  for await (const chunk of chunks) {
    let rest = chunk;
    while (rest.length >= missing) {
      waiting.push(rest.subarray(0, missing));
      rest = rest.subarray(missing);
      yield waiting;
      [waiting, missing] = [[], bytes];
    }
    if (rest.length === 0) continue;
    waiting.push(rest);
    missing -= rest.length;
  }
  if (waiting.length > 0) yield waiting;
};
