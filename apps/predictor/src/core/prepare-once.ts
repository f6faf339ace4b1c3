import type { ModelPromoted } from '#contracts';
import type { Tensor } from '#onnx';
import type { FetchOptions } from './fetch-model.js';
import type { Asker, LoadedModel } from './model-host.js';
import { keyOf, type Pin } from './pinned-versions.js';
import type { PrepareVersion } from './prepare-version.js';
import type { Ran } from './version-figures.js';
import { Watch } from './watch.js';

/** A version that is pinned and promoted is wanted twice: it is loaded once, and closed when both are done with it. */
export class PrepareOnce {
  /** Being loaded, or in memory. */
  private readonly held = new Map<string, Promise<SharedModel>>();

  constructor(
    private readonly prepare: Pick<PrepareVersion, 'execute'>,
    /** Whether somebody else may want it: what is promoted alone is each time loaded anew. */
    private readonly isPinned: (version: Pin) => boolean,
  ) {}

  /** Like `PrepareVersion.execute`. */
  async execute(promoted: ModelPromoted, options: FetchOptions): Promise<LoadedModel> {
    if (!this.isPinned(promoted)) return this.prepare.execute(promoted, options);
    const key = `${keyOf(promoted)}/${promoted.artifact.sha256}`;
    for (let other = this.held.get(key); other !== undefined; other = this.held.get(key)) {
      const handle = await joined(other, options.signal);
      if (handle !== undefined) return handle;
    }
    let own: ModelHandle | undefined;
    const forget = (): void => {
      if (this.held.get(key) === loading) this.held.delete(key);
    };
    const loading: Promise<SharedModel> = this.prepare.execute(promoted, options).then((model) => {
      const shared = new SharedModel(model, forget);
      // Before anybody else has one: with the last handle the model is closed.
      own = shared.open();
      return shared;
    });
    this.held.set(key, loading);
    loading.catch(forget);
    await loading;
    if (own === undefined) throw new Error('A loaded model has a handle.');
    return own;
  }
}

/** Undefined when the other one's load failed, was given up, or is closed again: then it is one's own business. */
const joined = async (other: Promise<SharedModel>, signal: AbortSignal): Promise<LoadedModel | undefined> => {
  const watch = new Watch(signal);
  try {
    return (await watch.unlessUnwanted(other.catch(() => undefined)))?.open();
  } finally {
    watch.end();
  }
};

/** One loaded model and those who hold it. */
class SharedModel {
  readonly handles = new Set<ModelHandle>();
  private over = false;

  constructor(
    readonly model: LoadedModel,
    private readonly forget: () => void,
  ) {
    // Both holders count runs under the same version: one of them is told.
    model.observe((run) => {
      for (const { observer } of this.handles) {
        observer?.(run);
        if (observer !== undefined) return;
      }
    });
    void model.lost.then(() => {
      this.end();
    });
  }

  /** Undefined once it is closed or lost. */
  open(): ModelHandle | undefined {
    if (this.over) return undefined;
    const handle = new ModelHandle(this);
    this.handles.add(handle);
    return handle;
  }

  /** When all that hold it drain, so does the model. */
  drain(): void {
    if ([...this.handles].every(({ draining }) => draining)) this.model.drain();
  }

  async leave(handle: ModelHandle): Promise<void> {
    if (!this.handles.delete(handle) || this.handles.size > 0) return;
    this.end();
    await this.model.close();
  }

  private end(): void {
    this.over = true;
    this.forget();
  }
}

/** What one holder has of it: requests of its own; it drains and closes the model only when nobody else holds it. */
class ModelHandle implements LoadedModel {
  readonly inputs;
  readonly outputs;
  readonly lost;
  observer: ((run: Ran) => void) | undefined;
  draining = false;
  private unanswered = 0;

  constructor(private readonly shared: SharedModel) {
    const { inputs, outputs, lost } = shared.model;
    this.inputs = inputs;
    this.outputs = outputs;
    this.lost = lost;
  }

  get batchRows(): number {
    return this.shared.model.batchRows;
  }

  get pending(): number {
    return this.unanswered;
  }

  async run(inputs: readonly Tensor[], outputNames?: readonly string[], asker?: Asker): Promise<Tensor[]> {
    this.unanswered += 1;
    try {
      return await this.shared.model.run(inputs, outputNames, asker);
    } finally {
      this.unanswered -= 1;
    }
  }

  observe(listener: (run: Ran) => void): void {
    this.observer = listener;
  }

  drain(): void {
    this.draining = true;
    this.shared.drain();
  }

  close(): Promise<void> {
    return this.shared.leave(this);
  }
}
