import type { OnnxSession } from '#onnx/runtime';

export interface Asked {
  input: string;
  output: string;
  columns: number;
  /** Rows of one request. */
  rows: number;
  /** The inputs of all requests, one after the other. */
  features: Float32Array;
}

/** What a model must answer: each request run by itself, on a session of ours, in no server. */
export const expectedOf = async (session: OnnxSession, asked: Asked): Promise<Float32Array> => {
  const size = asked.rows * asked.columns;
  const answers: Float32Array[] = [];
  for (let from = 0; from < asked.features.length; from += size) {
    const data = asked.features.slice(from, from + size);
    const shape = [asked.rows, asked.columns];
    const [answer] = await session.run([{ name: asked.input, datatype: 'FP32', shape, data }], [asked.output]);
    answers.push(answer.data as Float32Array);
  }
  const all = new Float32Array(answers.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const answer of answers) {
    all.set(answer, at);
    at += answer.length;
  }
  return all;
};
