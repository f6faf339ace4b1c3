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

/** As `gathered`, in lists of exactly so many bytes each (by their index): a chunk that reaches over the end is cut. */
export const chunksOf = async function* (
  chunks: AsyncIterable<Buffer>,
  bytesOf: (index: number) => number,
): AsyncGenerator<Buffer[]> {
  let waiting: Buffer[] = [];
  let index = 0;
  let missing = bytesOf(index);
  for await (const chunk of chunks) {
    let rest = chunk;
    while (rest.length >= missing) {
      waiting.push(rest.subarray(0, missing));
      rest = rest.subarray(missing);
      yield waiting;
      index++;
      [waiting, missing] = [[], bytesOf(index)];
    }
    if (rest.length === 0) continue;
    waiting.push(rest);
    missing -= rest.length;
  }
  if (waiting.length > 0) yield waiting;
};
