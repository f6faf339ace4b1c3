import { isDeepStrictEqual } from 'node:util';
import type { LoadRequest } from '../load/workloads.js';
import type { IrisForest } from '../servers/peers.js';

/** The plain form: a record with the columns' own names; one request per row of iris. */
export const recordRequests = ({ columns, rows }: IrisForest, path: string): LoadRequest[] =>
  rows.map((row) => ({
    method: 'POST',
    path,
    body: JSON.stringify([Object.fromEntries(columns.map((name, at) => [name, row[at]]))]),
  }));

export interface InferNames {
  input: string;
  datatype: string;
  /** The one output asked for. */
  output: string;
}

/** The Open Inference Protocol, which us and MLServer speak. */
export const inferRequests = ({ rows }: IrisForest, { input, datatype, output }: InferNames): LoadRequest[] =>
  rows.map((row) => ({
    method: 'POST',
    path: '/v2/models/iris/infer',
    body: JSON.stringify({
      inputs: [{ name: input, shape: [1, row.length], datatype, data: row }],
      outputs: [{ name: output }],
    }),
  }));

interface PredictAnswer {
  predictions?: number[];
  outputs?: { data: number[] }[];
}

/** A figure of answers that are wrong would be worth nothing. @throws Error unless every row gets the label of the forest itself. */
export const mustPredict = async (url: string, requests: LoadRequest[], labels: number[]): Promise<void> => {
  const told: (number[] | undefined)[] = [];
  for (const { method, path, body } of requests) {
    const response = await fetch(`${url}${path}`, {
      method,
      body: body as string,
      headers: { 'content-type': 'application/json' },
    });
    if (response.status !== 200) throw new Error(`${url}${path}: ${String(response.status)} ${await response.text()}`);
    const answer = (await response.json()) as PredictAnswer;
    told.push(answer.predictions ?? answer.outputs?.[0].data);
  }
  const expected = labels.map((label) => [label]);
  if (isDeepStrictEqual(told, expected)) return;
  const row = told.findIndex((label, at) => !isDeepStrictEqual(label, expected[at]));
  throw new Error(`${url} predicts ${JSON.stringify(told[row])} for row ${String(row)}, not ${String(labels[row])}.`);
};
