import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach } from 'vitest';
import { ImportModels } from './import-models.js';
import { ImportRuns } from './import-runs.js';
import { ImportTarget } from './import-target.js';
import { MlflowClient, type Patience } from './mlflow.client.js';
import { MlflowReader } from './mlflow-reader.js';
import { Tally } from './tally.js';

/** An answer as JSON, or what writes one. */
export type Answer = object | ((request: IncomingMessage, answer: ServerResponse) => void);

export interface Stub {
  url: string;
  /** By `METHOD /path?query`, or the same without the query; what is not there is refused with 404. */
  answers: Record<string, Answer | undefined>;
  asked: { call: string; body: string }[];
  close(): void;
}

export const refused = (status: number, error_code: string): Answer => {
  return (_, answer) => answer.writeHead(status).end(JSON.stringify({ error_code, message: `refused: ${error_code}` }));
};

const stub = async (answers: Record<string, Answer | undefined>): Promise<Stub> => {
  const asked: Stub['asked'] = [];
  const server = createServer((request, answer) => {
    const url = new URL(request.url ?? '', 'http://stub');
    const call = `${request.method ?? ''} ${url.pathname}`;
    void text(request)
      .then((body) => {
        asked.push({ call, body });
        const found =
          answers[`${call}${decodeURIComponent(url.search)}`] ?? answers[call] ?? refused(404, 'ENDPOINT_NOT_FOUND');
        if (typeof found === 'function') found(request, answer);
        else answer.end(JSON.stringify(found));
      })
      // The sender has gone.
      .catch(() => answer.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = (): void => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`, answers, asked, close };
};

/** The source and the target of the test that runs, once `startTwoServers` was called. */
export let there: Stub;
export let here: Stub;

/** Makes both anew for every test of the file. */
export const startTwoServers = (): void => {
  beforeEach(async () => {
    [there, here] = [await stub(sourceAnswers()), await stub(targetAnswers())];
  });
  afterEach(() => {
    there.close();
    here.close();
  });
};

/** An import from one stub to the other. */
export const importing = (there: Stub, here: Stub, patience?: Patience) => {
  const tally = new Tally(() => undefined);
  const source = new MlflowReader(new MlflowClient(there.url, {}, patience));
  const target = new ImportTarget(new MlflowClient(here.url, {}, patience), tally);
  const own = new MlflowReader(target.mlflow);
  const runs = new ImportRuns(source, own, target, tally);
  return { tally, source, own, runs, models: new ImportModels(source, target, runs.places, tally) };
};

const MLFLOW = '/api/2.0/mlflow';
export const FILES = '/api/2.0/mlflow-artifacts/artifacts';

const info = { run_id: 'r', experiment_id: '1', status: 'FINISHED', start_time: 1, end_time: 2 };
const model = { model_id: 'm-1', experiment_id: '1', name: 'm', creation_timestamp_ms: 1 };

/** A server with one run and one logged model, each of one file `f` of three bytes. */
export const sourceAnswers = (): Record<string, Answer> => ({
  [`POST ${MLFLOW}/runs/search`]: { runs: [{ info }] },
  [`GET ${MLFLOW}/runs/get`]: { run: { info: { ...info, artifact_uri: 'mlflow-artifacts:/1/r/artifacts' } } },
  [`POST ${MLFLOW}/logged-models/search`]: {
    models: [{ info: { ...model, artifact_uri: 'mlflow-artifacts:/1/models/m-1/artifacts' } }],
  },
  [`GET ${FILES}?path=1/r/artifacts`]: { files: [{ path: 'f', file_size: 3 }] },
  [`GET ${FILES}?path=1/models/m-1/artifacts`]: { files: [{ path: 'f', file_size: 3 }] },
  [`GET ${FILES}/1/r/artifacts/f`]: (_, answer) => answer.end('abc'),
  [`GET ${FILES}/1/models/m-1/artifacts/f`]: (_, answer) => answer.end('abc'),
});

/** A registry that has nothing yet and takes it all as experiment 7. */
const targetAnswers = (): Record<string, Answer> => ({
  'PUT /api/v1/import/experiments/1': { experimentId: '7' },
  'PUT /api/v1/import/runs/r': { artifactUri: 'mlflow-artifacts:/7/r/artifacts' },
  'PUT /api/v1/import/logged-models/m-1': { artifactUri: 'mlflow-artifacts:/7/models/m-1/artifacts' },
  'PUT /api/v1/import/models/x': {},
  'PUT /api/v1/import/models/x/versions/1': { version: 1, servable: true, notServableReason: null },
  [`GET ${FILES}`]: { files: [] },
  [`PUT ${FILES}/7/r/artifacts/f`]: {},
  [`PUT ${FILES}/7/models/m-1/artifacts/f`]: {},
});

/** The bodies that were sent there, in their order. */
export const sent = <T>({ asked }: Stub, call: string): T[] =>
  asked.filter((each) => each.call === call).map(({ body }) => JSON.parse(body) as T);

/** One version of model `x`, of whatever source. */
export const versionAnswers = (source: string): Record<string, Answer> => ({
  [`GET ${MLFLOW}/model-versions/search`]: { model_versions: [{ name: 'x', version: '1', source }] },
  [`GET ${MLFLOW}/model-versions/get-download-uri`]: { artifact_uri: source },
});
