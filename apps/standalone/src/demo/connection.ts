import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { recordOf, type IrisRows } from './iris.js';

/** One answer of the predictor, whichever protocol it was asked by. */
export interface Answer {
  version: number;
  probabilities: number[][];
}

/** How a connection asks: Baton's own way, or the Open Inference Protocol. */
export type Protocol = 'predict' | 'infer';

export interface ConnectionSpec {
  predictorUrl: string;
  model: string;
  protocol: Protocol;
  iris: IrisRows;
  /** Row of the first request; the connections begin at different ones. */
  firstRow: number;
  onAnswer: (rows: number[], answer: Answer) => void;
  onFailure: (sentence: string) => void;
}

/** A pause between requests: the load is constant but leaves the machine's few cores to the trainer as well. */
const PAUSE_MS = 3;

/** One keep-alive connection that asks for predictions without end, of one to three rows. */
export class Connection {
  /** The versions that answered, in order, repetitions left out. A new TCP connection begins a new list. */
  readonly versions: number[][] = [[]];
  answers = 0;
  private stopping = false;
  private localPort?: number;
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 1 });
  private readonly done: Promise<void>;

  constructor(private readonly spec: ConnectionSpec) {
    this.done = this.run();
  }

  get latestVersion(): number | undefined {
    return this.versions.at(-1)?.at(-1);
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await this.done;
    this.agent.destroy();
  }

  private async run(): Promise<void> {
    const { iris, onAnswer, onFailure } = this.spec;
    for (let asked = 0; !this.isStopping(); asked++) {
      const rows = Array.from(
        { length: 1 + (asked % 3) },
        (_, index) => (this.spec.firstRow + asked + index) % iris.rows.length,
      );
      try {
        const answer = await this.ask(rows);
        this.note(answer.version);
        onAnswer(rows, answer);
      } catch (error) {
        onFailure(`${this.spec.protocol}: ${error instanceof Error ? error.message : String(error)}`);
        await sleep(100);
      }
      await sleep(PAUSE_MS);
    }
  }

  private note(version: number): void {
    this.answers++;
    const current = this.versions[this.versions.length - 1];
    if (current.at(-1) !== version) current.push(version);
  }

  private async ask(rows: number[]): Promise<Answer> {
    const { status, version, body } = await this.post(rows);
    if (status !== 200) throw new Error(`answered ${String(status)}: ${body.slice(0, 300)}`);
    const answer = this.spec.protocol === 'predict' ? predictAnswer(body) : inferAnswer(body);
    if (String(answer.version) !== version)
      throw new Error(`x-model-version says ${String(version)}, the body ${String(answer.version)}`);
    if (answer.probabilities.length !== rows.length)
      throw new Error(`${String(rows.length)} rows asked, ${String(answer.probabilities.length)} answered`);
    return answer;
  }

  private post(rows: number[]): Promise<{ status: number; version: string | undefined; body: string }> {
    const { predictorUrl, model, protocol } = this.spec;
    const path = protocol === 'predict' ? '/predict?proba=true' : `/v2/models/${encodeURIComponent(model)}/infer`;
    const payload = JSON.stringify(this.payload(rows));
    return new Promise((resolve, reject) => {
      const sent = request(
        `${predictorUrl}${path}`,
        {
          method: 'POST',
          agent: this.agent,
          headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) },
          timeout: 20_000,
        },
        (answer) => {
          const chunks: Buffer[] = [];
          answer.on('data', (chunk: Buffer) => chunks.push(chunk));
          answer.once('error', reject);
          answer.once('end', () => {
            const version = answer.headers['x-model-version'];
            resolve({
              status: answer.statusCode ?? 0,
              version: Array.isArray(version) ? version[0] : version,
              body: Buffer.concat(chunks).toString('utf8'),
            });
          });
        },
      );
      sent.once('socket', (socket) => {
        if (socket.connecting)
          socket.once('connect', () => {
            this.noteSocket(socket.localPort);
          });
        else this.noteSocket(socket.localPort);
      });
      sent.once('timeout', () => sent.destroy(new Error('no answer for 20 s')));
      sent.once('error', reject);
      sent.end(payload);
    });
  }

  private payload(rows: number[]): unknown {
    const { iris, protocol } = this.spec;
    if (protocol === 'predict') return rows.map((row) => recordOf(iris, iris.rows[row]));
    const data = rows.flatMap((row) => iris.rows[row]);
    return { inputs: [{ name: 'features', datatype: 'FP32', shape: [rows.length, iris.features.length], data }] };
  }

  private noteSocket(localPort: number | undefined): void {
    if (this.localPort !== undefined && this.localPort !== localPort) this.versions.push([]);
    this.localPort = localPort;
  }

  /** Set from outside while a request is under way. */
  private isStopping(): boolean {
    return this.stopping;
  }
}

const predictAnswer = (body: string): Answer => {
  const { model_version, probabilities } = JSON.parse(body) as { model_version: string; probabilities: number[][] };
  return { version: Number(model_version), probabilities };
};

const inferAnswer = (body: string): Answer => {
  const { model_version, outputs } = JSON.parse(body) as {
    model_version: string;
    outputs: { name: string; shape: number[]; data: number[] }[];
  };
  const output = outputs.find(({ name }) => name === 'probabilities');
  if (output === undefined) throw new Error('no output "probabilities"');
  const [rows, classes] = output.shape;
  return {
    version: Number(model_version),
    probabilities: Array.from({ length: rows }, (_, row) => output.data.slice(row * classes, (row + 1) * classes)),
  };
};
