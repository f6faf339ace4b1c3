import type { IncomingHttpHeaders } from 'node:http';
import type { ModelPromoted } from '#contracts';
import type { ModelDirectory } from '../core/model-directory.js';
import type { Asker } from '../core/model-host.js';
import type { Predict } from '../core/predict.js';
import { versionNumber } from '../core/server-metadata.js';
import { checkContentType } from './content-type.js';
import { writeInferAnswer, type InferAnswer } from './infer-answer.js';
import { jsonLengthOf, readInferRequest, type InferRequest } from './infer-request.js';
import { recordsBody } from './records-body.js';
import { wantsProbabilities } from './predict-query.js';

/** One request of a hot route, whatever way it came in by. */
export interface HotCall {
  /** Undefined: the default model. */
  name: string | undefined;
  version: string | undefined;
  query: Readonly<Record<string, unknown>>;
  headers: IncomingHttpHeaders;
  body: unknown;
  asker: Asker;
  /** Told which version answers, as soon as it is known: errors of that version carry its number, too. */
  acceptedBy(promoted: ModelPromoted): void;
}

/** What the routes do that answer predictions: no framework, so that they cost what the model costs. */
export class HotCalls {
  constructor(
    private readonly directory: ModelDirectory,
    private readonly predict: Predict,
  ) {}

  /** `POST /v2/models/{name}[/versions/{version}]/infer` */
  async infer(call: HotCall): Promise<InferAnswer> {
    const { name, headers, asker } = call;
    const served = this.predict.accept(() => this.directory.accept(name, versionNumber(name ?? '', call.version)));
    const { promoted, model } = served;
    call.acceptedBy(promoted);
    let asked: InferRequest | undefined;
    const outputs = await this.predict.tensors(
      served,
      () => {
        checkContentType(headers['content-type']);
        asked = readInferRequest(call.body, jsonLengthOf(headers['inference-header-content-length']), model);
        return { inputs: asked.inputs, outputNames: asked.outputs.map(({ spec }) => spec.name) };
      },
      asker,
    );
    return writeInferAnswer(promoted, asked?.id, asked?.outputs ?? [], outputs);
  }

  /** `POST /predict` and `POST /models/{name}/predict` */
  async records(call: HotCall): Promise<InferAnswer> {
    const served = this.predict.accept(() => this.directory.accept(call.name));
    call.acceptedBy(served.promoted);
    const proba = () => {
      checkContentType(call.headers['content-type']);
      return wantsProbabilities(call.query.proba);
    };
    const answer = await this.predict.records(served, recordsBody(call.body), proba, call.asker);
    return { body: JSON.stringify(answer) };
  }
}
