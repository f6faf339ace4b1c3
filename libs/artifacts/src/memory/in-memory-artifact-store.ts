import { Readable } from 'node:stream';
import { PlatformError } from '#runtime';
import { checkedKey } from '../artifact-key.js';
import { ArtifactStore, type ArtifactEntry, type ByteRange, type StoredArtifact } from '../artifact-store.js';
import { MeasuredBody } from '../measured-body.js';

/** For tests: keeps the port's promises in a map, and is away when told to be. */
export class InMemoryArtifactStore extends ArtifactStore {
  /** While true every call fails as a store that doesn't answer. */
  away = false;
  private readonly objects = new Map<string, Buffer>();

  async put(key: string, body: AsyncIterable<Uint8Array> | Uint8Array, sizeBytes?: number): Promise<StoredArtifact> {
    this.reachable();
    checkedKey(key);
    const measured = new MeasuredBody(body, sizeBytes);
    const chunks: Buffer[] = [];
    for await (const chunk of measured.chunks()) chunks.push(chunk);
    this.objects.set(key, Buffer.concat(chunks));
    return measured.stored();
  }

  async putNew(key: string, body: Uint8Array): Promise<StoredArtifact> {
    this.reachable();
    if (this.objects.has(checkedKey(key))) throw new PlatformError('ARTIFACT_EXISTS', `The artifact ${key} exists.`);
    // Taken at once, before anything is awaited: whoever comes meanwhile finds it there.
    this.objects.set(key, Buffer.from(body));
    return this.put(key, body);
  }

  receive(key: string, body: Readable, sizeBytes?: number): Promise<{ sizeBytes: number }> {
    return this.put(key, body, sizeBytes);
  }

  get(key: string, range?: ByteRange): Promise<{ body: Readable; sizeBytes: number }> {
    return this.answer(() => {
      const whole = this.objects.get(checkedKey(key));
      if (whole === undefined) throw new PlatformError('ARTIFACT_NOT_FOUND', `There is no artifact ${key}.`);
      const object = range === undefined ? whole : whole.subarray(range.start, range.end + 1);
      return { body: Readable.from([Buffer.from(object)]), sizeBytes: object.length };
    });
  }

  stat(key: string): Promise<{ sizeBytes: number } | undefined> {
    return this.answer(() => {
      const object = this.objects.get(checkedKey(key));
      return object && { sizeBytes: object.length };
    });
  }

  list(folder: string): Promise<ArtifactEntry[]> {
    return this.answer(() => {
      const prefix = folder === '' ? '' : `${checkedKey(folder)}/`;
      const entries = new Map<string, ArtifactEntry>();
      for (const [key, { length }] of this.objects) {
        if (!key.startsWith(prefix)) continue;
        const end = key.indexOf('/', prefix.length);
        if (end === -1) entries.set(key, { key, isDirectory: false, sizeBytes: length });
        else entries.set(`${key.slice(0, end)}/`, { key: key.slice(0, end), isDirectory: true });
      }
      return [...entries.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
    });
  }

  remove(key: string): Promise<void> {
    return this.answer(() => {
      const folder = `${checkedKey(key)}/`;
      for (const stored of this.objects.keys())
        if (stored === key || stored.startsWith(folder)) this.objects.delete(stored);
    });
  }

  healthy(): Promise<boolean> {
    return Promise.resolve(!this.away);
  }

  private reachable(): void {
    if (this.away) throw new PlatformError('STORE_UNAVAILABLE');
  }

  /** A port that is asynchronous rejects; it never throws at the call. */
  private async answer<T>(work: () => T): Promise<T> {
    await Promise.resolve();
    this.reachable();
    return work();
  }
}
