import { openSession } from '#onnx/runtime';

/**
 * What a version must answer: its stored ONNX file scored here by onnxruntime, row by row, without the predictor.
 * @returns one line of probabilities per row, as JSON, so that equal text is equality bit for bit.
 */
export const referenceOf = async (file: Uint8Array, rows: number[][]): Promise<string[]> => {
  const session = await openSession(file);
  try {
    const [{ name, datatype }] = session.inputs;
    if (datatype !== 'FP32') throw new Error(`The model's input is ${datatype}, not FP32.`);
    const lines: string[] = [];
    for (const row of rows) {
      const data = Float32Array.from(row);
      const [answer] = await session.run([{ name, datatype, shape: [1, row.length], data }], ['probabilities']);
      lines.push(JSON.stringify([...(answer.data as Float32Array)]));
    }
    return lines;
  } finally {
    await session.release();
  }
};
