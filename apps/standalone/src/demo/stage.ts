import { setTimeout as sleep } from 'node:timers/promises';
import type { FleetView, GivenPromotionPolicy, TrainingRequestView } from '#contracts';
import type { ArtifactStore } from '#artifacts';
import { ask, RestError } from './rest.js';

/** Where the story plays: a running Baton, whatever it runs on. */
export interface Stack {
  registryUrl: string;
  predictorUrl: string;
  /** The artifact store under the registry, to tamper with what it holds. */
  store: ArtifactStore;
}

/** A step of the story did not hold. */
export class StoryError extends Error {
  override readonly name = 'StoryError';
}

/** @throws StoryError with the sentence unless it holds. */
export const hold: (held: boolean, sentence: string) => asserts held = (held, sentence) => {
  if (!held) throw new StoryError(sentence);
};

const over = ['succeeded', 'failed', 'cancelled', 'timed-out', 'skipped'];

/** What a person does in the story, by the registry's and the predictor's HTTP APIs. */
export class Stage {
  constructor(
    readonly stack: Stack,
    readonly model: string,
  ) {}

  /** Asks for a training and waits for its end. */
  async train(recipe: string, parameters: Record<string, unknown>): Promise<TrainingRequestView & { version: number }> {
    const { id } = (await this.registry('POST', '/training-requests', { model: this.model, recipe, parameters })) as {
      id: string;
    };
    const request = await this.until(`The training ${id} did not end`, 120_000, async () => {
      const view = await this.request(id);
      return view !== undefined && over.includes(view.state) ? view : undefined;
    });
    hold(
      request.state === 'succeeded',
      `The training ended as ${request.state}: ${request.error?.message ?? request.message}`,
    );
    const { version } = request;
    hold(version !== null, 'The training succeeded without a version.');
    return { ...request, version };
  }

  /** The registry hears of requests on the bus, a moment after it accepted them. */
  private async request(id: string): Promise<TrainingRequestView | undefined> {
    try {
      return (await this.registry('GET', `/training-requests/${id}`)) as TrainingRequestView;
    } catch (error) {
      if (error instanceof RestError && error.status === 404) return undefined;
      throw error;
    }
  }

  promote(version: number, reason: string): Promise<unknown> {
    return this.registry('POST', `${this.path}/promotions`, { version, reason });
  }

  rollBack(reason: string): Promise<unknown> {
    return this.registry('POST', `${this.path}/rollback`, { reason });
  }

  setPolicy(policy: GivenPromotionPolicy): Promise<unknown> {
    return this.registry('PUT', `${this.path}/policy`, policy);
  }

  /** The replicas that serve, or were told to serve, this model. */
  async fleet(): Promise<FleetView['replicas']> {
    const { replicas } = (await this.registry('GET', '/fleet')) as FleetView;
    return replicas.filter(({ model, lost }) => model === this.model && !lost);
  }

  /** What the predictor says of the model it serves by default. */
  async modelInfo(): Promise<{ model_name: string; version: string }> {
    return (await ask('GET', `${this.stack.predictorUrl}/model-info`)) as { model_name: string; version: string };
  }

  async servesVersion(version: number, timeoutMs = 60_000): Promise<void> {
    await this.until(`The predictor did not come to serve version ${String(version)}`, timeoutMs, async () => {
      const info = await this.modelInfo().catch(() => undefined);
      return info?.model_name === this.model && info.version === String(version) ? true : undefined;
    });
  }

  /** Asks again until there is an answer. */
  async until<T>(otherwise: string, timeoutMs: number, look: () => Promise<T | undefined>): Promise<T> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const found = await look();
      if (found !== undefined) return found;
      hold(Date.now() < deadline, `${otherwise} within ${String(timeoutMs / 1000)} s.`);
      await sleep(100);
    }
  }

  private registry(method: string, path: string, body?: unknown): Promise<unknown> {
    return ask(method, `${this.stack.registryUrl}/api/v1${path}`, body);
  }

  private get path(): string {
    return `/models/${encodeURIComponent(this.model)}`;
  }
}
