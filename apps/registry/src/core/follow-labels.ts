import type { MovePointer } from './move-pointer.js';
import { moveAfter, type LabelChange } from './pointer-moves.js';
import type { Pointer, Promotions } from './promotions.js';
import { CHAMPION, type ModelVersion, type ModelVersions } from './registered-models.js';

/** Moves the pointer after a client changed a label. The labels stay as the client made them, as they do in MLflow. */
export class FollowLabels {
  constructor(
    private readonly promotions: Promotions,
    private readonly versions: ModelVersions,
    private readonly move: MovePointer,
  ) {}

  /** `pointer` as it was locked before the change, in the same transaction; `version` is that of the change, if it is there. */
  async execute(pointer: Pointer, change: LabelChange, by: string, version?: ModelVersion): Promise<void> {
    const situation = { served: pointer.version, pending: pointer.pending?.version ?? null };
    const move = moveAfter(change, { ...situation, ...(await this.promotions.labels(pointer.name)) });
    const reason = reasonOf(change);
    switch (move.kind) {
      case 'stay':
        return;
      case 'promote': {
        const cause = change.label === 'stage' ? 'stage' : 'alias';
        const wanted = version ?? (await this.versions.get(pointer.name, move.version));
        await this.move.to(pointer, wanted, { cause, promotedBy: by, reason });
        return;
      }
      case 'withdraw':
        if (move.pending) await this.move.forget(pointer);
        if (move.served)
          await this.move.retire(pointer, {
            promotedBy: by,
            reason: move.pending ? `${reason}, and nothing names version ${String(pointer.version)}` : reason,
          });
    }
  }
}

const reasonOf = (change: LabelChange): string => {
  const version = `version ${String(change.version)}`;
  switch (change.label) {
    case 'champion set':
      return `alias ${CHAMPION} set`;
    case 'champion deleted':
      return `the alias ${CHAMPION} was deleted`;
    case 'version deleted':
      return `${version} was deleted`;
    case 'stage':
      if (change.to === 'Production') return 'stage set to Production';
      return change.to === 'Archived' ? `${version} was archived` : `${version} left Production for ${change.to}`;
  }
};
