import { createRequire } from 'node:module';
import type * as Ort from 'onnxruntime-node';

type Onnxruntime = typeof Ort;

let loaded: Onnxruntime | undefined;

/**
 * onnxruntime, loaded once per thread. While it looks at the language's arrays `Float16Array` is out of its sight: with it, every run
 * on half floats fails on Node 24 ("not enough space: expected 4, got 0"); without it they are raw `Uint16Array`, as `Tensor` has them.
 */
export const onnxruntime = (): Onnxruntime => {
  loaded ??= withoutFloat16Array(() => {
    const runtime = createRequire(import.meta.url)('onnxruntime-node') as Onnxruntime;
    // The first tensor made is when it looks.
    new runtime.Tensor('float32', new Float32Array(1), [1]);
    return runtime;
  });
  return loaded;
};

const withoutFloat16Array = <T>(load: () => T): T => {
  const there = Object.getOwnPropertyDescriptor(globalThis, 'Float16Array');
  if (there === undefined) return load();
  Reflect.deleteProperty(globalThis, 'Float16Array');
  try {
    return load();
  } finally {
    Object.defineProperty(globalThis, 'Float16Array', there);
  }
};
