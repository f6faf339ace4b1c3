import { FrozenBlobs } from '../../core/frozen-blobs.js';
import type { RegistryDatabase } from './registry-database.js';

export class PostgresFrozenBlobs extends FrozenBlobs {
  constructor(private readonly database: RegistryDatabase) {
    super();
  }

  async note(sha256: string): Promise<void> {
    // Waits for a collection that is about to remove the very file, and makes the row anew then.
    await this.database.query(
      `insert into registry.frozen_blobs (sha256, wanted_at) values ($1, now())
       on conflict (sha256) do update set wanted_at = excluded.wanted_at`,
      [sha256],
    );
  }
}
