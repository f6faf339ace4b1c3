import { errorCodes, modelVersionDetail, problem, type ErrorCode, type ModelPromoted } from '#contracts';
import { messageOf, PlatformError } from '#runtime';
import { VersionCatalog } from '../core/version-catalog.js';

/** A registry that keeps silent is asked again later; meanwhile all else is served. */
const ANSWER_WITHIN_MS = 5_000;

/** Asks the registry by its own API. */
export class RegistryCatalog extends VersionCatalog {
  constructor(private readonly registryUrl: string) {
    super();
  }

  async describe(model: string, version: number): Promise<ModelPromoted> {
    const path = `api/v1/models/${encodeURIComponent(model)}/versions/${String(version)}`;
    const answer = await this.ask(new URL(path, `${this.registryUrl.replace(/\/+$/, '')}/`));
    const found = modelVersionDetail.safeParse(answer);
    if (!found.success)
      throw new PlatformError('REGISTRY_UNAVAILABLE', `What answers at ${this.registryUrl} is no registry of Baton.`);
    const { artifact, signature, inputExample, runId, stage, createdAt, notServableReason } = found.data;
    if (artifact === undefined || signature === undefined)
      throw new PlatformError(
        'VERSION_NOT_SERVABLE',
        `Version ${String(version)} of ${model} can not be served: ${notServableReason ?? 'it has no ONNX file'}.`,
      );
    return {
      model,
      version,
      generation: 1,
      runId,
      stage,
      modelUri: `models:/${model}/${String(version)}`,
      artifact,
      signature,
      ...(inputExample && { inputExample }),
      previousVersion: null,
      cause: 'request',
      promotedBy: 'PREDICTOR_PINNED',
      reason: 'pinned by a setting of this replica',
      promotedAt: createdAt,
      firstPromotedAt: createdAt,
    };
  }

  private async ask(url: URL): Promise<unknown> {
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
      const body: unknown = await response.json();
      if (response.ok) return body;
      const told = problem.safeParse(body);
      if (told.success && isCode(told.data.code)) throw new PlatformError(told.data.code, told.data.detail);
      throw new Error(`it answers ${String(response.status)}`);
    } catch (error) {
      if (error instanceof PlatformError) throw error;
      const reason = error instanceof Error && error.cause instanceof Error ? error.cause.message : messageOf(error);
      throw new PlatformError(
        'REGISTRY_UNAVAILABLE',
        `The registry at ${this.registryUrl} can not be asked: ${reason}`,
        error,
      );
    }
  }
}

const isCode = (text: string): text is ErrorCode => Object.hasOwn(errorCodes, text);
