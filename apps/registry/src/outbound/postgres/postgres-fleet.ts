import { LessThan } from 'typeorm';
import type { ModelDeployed } from '#contracts';
import { Fleet, saysNew } from '../../core/fleet.js';
import { FleetEntity } from './fleet.entity.js';
import type { RegistryDatabase } from './registry-database.js';

export class PostgresFleet extends Fleet {
  constructor(private readonly database: RegistryDatabase) {
    super();
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
