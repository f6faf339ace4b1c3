import type { ArtifactInventory, ArtifactStore } from '#artifacts';
import type { Clock } from '#runtime';
import { keyOfLocation, keyOfProxied } from '../artifact-locations.js';
import type { Deleted, GarbageKind, GarbageRecords, GarbageReport, GarbageWish, Kept, Removal } from './garbage.js';
import { orphansOf } from './orphans.js';

/** What was written this recently may be about to be referred to. */
export const GRACE_MS = 3_600_000;
/** An upload that takes longer was given up; signed URLs of its parts have run out by then. */
const UPLOAD_MS = 24 * 3_600_000;
/** Staged bodies of our own API; removed by who put them there, unless it crashed. */
const INCOMING = 'incoming';

/**
 * Removes what nobody can reach any more, from the database and the store: deleted runs, logged models and experiments, files
 * whose owner is gone, frozen models that no version and no told promotion names, uploads that were given up. Without
 * `apply` it only says what would go. Rows go before files, and the places to empty are written down with them: cut short,
 * the next collection goes on (docs/adr/0009).
 */
export class CollectGarbage {
  constructor(
    private readonly records: GarbageRecords,
    private readonly store: ArtifactStore,
    private readonly inventory: ArtifactInventory,
    private readonly clock: Clock,
  ) {}

  /** @throws PlatformError NOT_FOUND, REQUEST_INVALID for named things that are not deleted; STORE_UNAVAILABLE. */
  async execute(wish: GarbageWish): Promise<GarbageReport> {
    const report: GarbageReport = { removed: [], kept: [] };
    if (wish.apply) await this.finishPurges();
    await this.deleted(wish, report);
    // Who names single things means them alone.
    if (wish.runIds ?? wish.experimentIds ?? wish.loggedModelIds) return report;
    await this.orphans(wish.apply, report.removed);
    await this.blobs(wish.apply, report.removed);
    await this.uploads(wish.apply, report.removed);
    if (wish.apply) await this.records.forgetPurges(this.clock.now() - UPLOAD_MS);
    return report;
  }

  private async deleted(wish: GarbageWish, report: GarbageReport): Promise<void> {
    const gone: Deleted[] = [];
    const counted: string[] = [];
    for (const thing of await this.records.deleted(wish, this.clock.now())) {
      const verdict = wish.apply ? await this.records.remove(thing) : await this.records.judge(thing, gone);
      if ('kept' in verdict) {
        report.kept.push(kept(thing.kind, thing.id, verdict.kept));
        continue;
      }
      gone.push(thing);
      const key = verdict.purge === undefined ? undefined : keyOfLocation(verdict.purge);
      const sizeBytes = key === undefined ? 0 : await this.sizeBelow(key, counted);
      if (key !== undefined) counted.push(key);
      if (wish.apply && verdict.purge !== undefined) await this.purge(verdict.purge);
      report.removed.push(removal(thing.kind, thing.id, sizeBytes));
    }
  }

  private async finishPurges(): Promise<void> {
    for (const location of await this.records.unfinishedPurges()) await this.purge(location);
  }

  private async purge(location: string): Promise<void> {
    const key = keyOfLocation(location);
    if (key !== undefined) await this.store.remove(key);
    await this.records.purged(location);
  }

  private async orphans(apply: boolean, removed: Removal[]): Promise<void> {
    const found = await orphansOf(this.inventory.below(keyOfProxied('')), () => this.liveKeys());
    const old = found.filter(({ modifiedMs }) => modifiedMs < this.clock.now() - GRACE_MS);
    const former = await this.records.formerExperiments(old.flatMap(({ experimentId }) => experimentId ?? []));
    for (const { key, experimentId, sizeBytes } of old) {
      if (experimentId !== undefined && !former.has(experimentId)) continue;
      if (apply) await this.store.remove(key);
      removed.push(removal('orphan', key, sizeBytes));
    }
  }

  private async liveKeys(): Promise<Set<string>> {
    const keys = new Set<string>();
    for (const location of await this.records.liveLocations()) {
      const key = ownKey(location);
      if (key !== undefined) keys.add(key);
    }
    return keys;
  }

  private async blobs(apply: boolean, removed: Removal[]): Promise<void> {
    const before = this.clock.now() - GRACE_MS;
    const candidates = [];
    for await (const entry of this.inventory.below('sha256')) if (entry.modifiedMs < before) candidates.push(entry);
    const wanted = await this.records.wantedBlobs();
    for (const { key, sizeBytes } of candidates) {
      const sha256 = key.slice('sha256/'.length);
      if (wanted.has(sha256) || !/^[0-9a-f]{64}$/.test(sha256)) continue;
      const went = !apply || (await this.records.withoutBlob(sha256, before, () => this.store.remove(key)));
      if (went) removed.push(removal('blob', key, sizeBytes));
    }
  }

  /** Also run by itself from time to time. */
  async uploads(apply: boolean, removed: Removal[]): Promise<void> {
    const before = this.clock.now() - UPLOAD_MS;
    for await (const { key, beganMs, sizeBytes, discard } of this.inventory.unfinished()) {
      if (beganMs >= before) continue;
      if (apply) await discard();
      removed.push(removal('upload', key, sizeBytes));
    }
    for await (const { key, modifiedMs, sizeBytes } of this.inventory.below(INCOMING)) {
      if (modifiedMs >= before) continue;
      if (apply) await this.store.remove(key);
      removed.push(removal('upload', key, sizeBytes));
    }
  }

  private async sizeBelow(key: string, counted: readonly string[]): Promise<number> {
    let bytes = 0;
    for await (const entry of this.inventory.below(key))
      if (!counted.some((each) => entry.key.startsWith(`${each}/`))) bytes += entry.sizeBytes;
    return bytes;
  }
}

/** A place that a client named may be none of ours, or none at all: nothing of ours lies there. */
const ownKey = (location: string): string | undefined => {
  try {
    return keyOfLocation(location);
  } catch {
    return undefined;
  }
};

const removal = (kind: GarbageKind, id: string, sizeBytes: number): Removal => ({ kind, id, sizeBytes });
const kept = (kind: GarbageKind, id: string, reason: string): Kept => ({ kind, id, reason });
