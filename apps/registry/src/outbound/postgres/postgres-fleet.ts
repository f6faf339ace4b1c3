import { LessThan } from 'typeorm';
import type { ModelDeployed } from '#contracts';
import { Fleet, saysNew } from '../../core/fleet.js';
import { FleetEntity } from './fleet.entity.js';
import type { RegistryDatabase } from './registry-database.js';

/** One statement, because it comes for every model of every replica all the time. */
const RESTATED = `update registry.fleet set said = $3::jsonb, said_at = $4
  where predictor_id = $1 and model = $2 and said_at <= $4 and said - 'at' = $3::jsonb - 'at' returning 1`;

export class PostgresFleet extends Fleet {
  constructor(private readonly database: RegistryDatabase) {
    super();
  }

  async restated(said: ModelDeployed): Promise<boolean> {
    const { predictorId, model, at } = said;
    const values = [predictorId, model, JSON.stringify(said), at];
    return (await this.database.prepared({ name: 'fleet-restated', text: RESTATED, values })).length > 0;
  }

  heard(said: ModelDeployed): Promise<boolean> {
    return this.database.transaction(async () => {
      const { predictorId, model } = said;
      const known = await this.rows().findOne({
        where: { predictorId, model },
        lock: { mode: 'pessimistic_write' },
      });
      if (known !== null && Date.parse(known.saidAt) > Date.parse(said.at)) return false;
      await this.rows().upsert({ predictorId, model, said, saidAt: said.at }, ['predictorId', 'model']);
      return saysNew(known?.said, said);
    });
  }

  async all(): Promise<ModelDeployed[]> {
    const rows = await this.database.guarded(() => this.rows().find());
    return rows.map(({ said }) => said);
  }

  async forget(beforeMs: number): Promise<void> {
    const before = new Date(beforeMs).toISOString();
    await this.database.guarded(() => this.rows().delete({ saidAt: LessThan(before) }));
  }

  private rows() {
    return this.database.repository(FleetEntity);
  }
}
