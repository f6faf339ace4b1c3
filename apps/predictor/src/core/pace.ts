import type { Tensor } from '#onnx';

/**
 * What a model takes for an element of its inputs, learned from its runs. The least that was seen: busy cores only ever make it more,
 * and a single row pays for the whole run.
 */
export class Pace {
  private msPerElement: number | undefined;

  learn(elements: number, tookMs: number): void {
    if (elements > 0) this.msPerElement = Math.min(this.msPerElement ?? Infinity, tookMs / elements);
  }

  /** What a run of so many elements takes at most; 0 while nothing is known. */
  forecastMs(elements: number): number {
    return elements * (this.msPerElement ?? 0);
  }
}

/** How much there is to work on; texts count by their characters, too. */
export const elementsOf = (inputs: readonly Tensor[]): number => {
  let elements = 0;
  for (const { data } of inputs) {
    elements += data.length;
    if (Array.isArray(data)) for (const text of data) elements += text.length;
  }
  return elements;
};
