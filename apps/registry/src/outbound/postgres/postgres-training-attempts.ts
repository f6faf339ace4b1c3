import { TrainingAttempts, type Attempt } from '../../core/training-attempts.js';
import type { RegistryDatabase } from './registry-database.js';

export class PostgresTrainingAttempts extends TrainingAttempts {
  constructor(private readonly database: RegistryDatabase) {
    super();
  }

  async begin({ requestId, fence, promote }: Attempt, tokenSha256: string): Promise<boolean> {
    const rows = await this.database.query<unknown[]>(
      `insert into registry.training_attempts as known (request_id, fence, token_sha256, promote) values ($1, $2, $3, $4)
       on conflict (request_id) do update set fence = $2, token_sha256 = $3, promote = $4, begun_at = now()
         where known.fence <= $2 and known.token_sha256 is not null
       returning 1`,
      [requestId, fence, tokenSha256, promote],
    );
    return rows.length === 1;
  }

  async find(requestId: string, tokenSha256: string): Promise<Attempt | undefined> {
    const [row] = await this.database.prepared<{ fence: number; promote: Attempt['promote'] }>({
      name: 'find-attempt',
      text: 'select fence, promote from registry.training_attempts where request_id = $1 and token_sha256 = $2',
      values: [requestId, tokenSha256],
    });
    return (row as typeof row | undefined) === undefined ? undefined : { requestId, ...row };
  }

  async close(requestId: string): Promise<void> {
    await this.database.query(
      `insert into registry.training_attempts as known (request_id, fence, token_sha256, promote) values ($1, 0, null, 'never')
       on conflict (request_id) do update set token_sha256 = null`,
      [requestId],
    );
  }
}
