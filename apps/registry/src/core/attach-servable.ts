import type { ColumnSpec, PromotionView } from '#contracts';
import { PlatformError } from '#runtime';
import type { ApplyPromotionPolicy } from './apply-promotion-policy.js';
import type { MovePointer } from './move-pointer.js';
import type { PromoteModel } from './promote-model.js';
import { isPrompt } from './prompts.js';
import type { PendingPromotion, Pointer, Promotions } from './promotions.js';
import type { Frozen, ModelVersion, ModelVersions } from './registered-models.js';
import { servableTags } from './servable-tags.js';
import type { Transactions } from './transactions.js';

export type Servable = Extract<Frozen, { servable: true }>;

/** Gives a version that could not be served its ONNX file; the promotion that waits for it, if one does, takes effect. */
export class AttachServable {
  constructor(
    private readonly transactions: Transactions,
    private readonly promotions: Promotions,
    private readonly versions: ModelVersions,
    private readonly promote: PromoteModel,
    private readonly policy: ApplyPromotionPolicy,
    private readonly move: MovePointer,
  ) {}

  /**
   * The version as it may be frozen now.
   * @throws PlatformError VERSION_NOT_FOUND; CONFLICT for a prompt, which has nothing to serve.
   */
  async find(model: string, version: number): Promise<ModelVersion> {
    const found = await this.versions.get(model, version);
    if (isPrompt(found.tags)) throw new PlatformError('CONFLICT', `${model} is a prompt; there is nothing to serve.`);
    return found;
  }

  /**
   * The same file again is nothing. Returns the promotion that had waited for the file.
   * @param named the columns that the caller named, when it did
   * @throws PlatformError VERSION_NOT_FOUND; CONFLICT when the version has another file, or other columns, already.
   */
  execute(
    model: string,
    number: number,
    frozen: Servable,
    named?: readonly ColumnSpec[],
  ): Promise<PromotionView | undefined> {
    return this.transactions.run(async () => {
      const pointer = await this.promotions.lock(model);
      const before = await this.find(model, number);
      if (before.frozen.servable) {
        const other = otherThan(before.frozen, frozen, named);
        if (other === undefined) return undefined;
        throw new PlatformError(
          'CONFLICT',
          `Version ${String(number)} of ${model} has ${other} already; register a new version instead.`,
        );
      }
      await this.versions.attach(model, number, frozen, servableTags(frozen));
      if (pointer.pending?.version !== number) return undefined;
      await this.goOn(pointer, pointer.pending, { ...before, frozen });
      const [line] = await this.promotions.history(model, 1);
      return line.generation > pointer.generation ? line : undefined;
    });
  }

  /** By the door through which the wish came. */
  private async goOn(
    pointer: Pointer,
    { version, cause, promotedBy, reason }: PendingPromotion,
    attached: ModelVersion & { frozen: Servable },
  ): Promise<void> {
    const why = { cause, promotedBy, reason };
    const { name: model } = attached;
    switch (cause) {
      case 'stage':
      case 'alias':
        // The labels are where the client put them.
        await this.move.to(pointer, attached, why);
        return;
      case 'policy':
        // It decides anew: only now it knows the signature.
        await this.move.forget(pointer);
        await this.policy.execute(`attached:${attached.frozen.artifact.sha256}`, {
          model,
          version,
          origin: attached.origin,
          promote: attached.promote,
          servable: true,
          signature: attached.frozen.signature,
          metrics: await this.versions.metricsOf(model, version),
        });
        return;
      case 'request':
      case 'rollback':
        await this.promote.execute({ model, version, ...why });
    }
  }
}

/** Events told the signature with the file, so both stay as they are. Columns that nobody names again are no contradiction. */
const otherThan = (before: Servable, now: Servable, named?: readonly ColumnSpec[]): string | undefined => {
  if (before.artifact.sha256 !== now.artifact.sha256) return 'another ONNX file';
  if (named === undefined) return undefined;
  const told = (columns: readonly ColumnSpec[] = []): string =>
    JSON.stringify(columns.map(({ name, type, required }) => [name, type, required]));
  return told(before.signature.columns) === told(named) ? undefined : 'this ONNX file with other columns';
};
