import type { PresetView, PresetsView, PutPreset } from '#contracts';
import { PlatformError } from '#runtime';
import { Presets } from '../../core/presets.js';
import { isUnknownReference } from './database-errors.js';
import { PresetEntity } from './preset.entity.js';
import type { RegistryDatabase } from './registry-database.js';

export class PostgresPresets extends Presets {
  constructor(private readonly database: RegistryDatabase) {
    super();
  }

  async list(model: string): Promise<PresetsView> {
    const rows = await this.database.guarded(() => this.rows().find({ where: { model }, order: { name: 'ASC' } }));
    const presets = rows.map(viewOf);
    return { current: presets.find(({ current }) => current)?.name ?? null, presets };
  }

  async find(model: string, name: string): Promise<PresetView | undefined> {
    const row = await this.database.guarded(() => this.rows().findOneBy({ model, name }));
    return row === null ? undefined : viewOf(row);
  }

  async current(model: string): Promise<PresetView | undefined> {
    const row = await this.database.guarded(() => this.rows().findOneBy({ model, current: true }));
    return row === null ? undefined : viewOf(row);
  }

  put(model: string, name: string, { recipe, parameters, dataset }: PutPreset, at: string): Promise<PresetView> {
    return this.inQueue(model, async () => {
      await this.database.query(
        `insert into registry.presets as known (model, name, recipe, parameters, dataset, is_current, updated_at)
         values ($1, $2, $3, $4, $5, not exists (select 1 from registry.presets where model = $1 and is_current), $6)
         on conflict (model, name) do update set recipe = $3, parameters = $4, dataset = $5, updated_at = $6`,
        [model, name, recipe, JSON.stringify(parameters), dataset === undefined ? null : JSON.stringify(dataset), at],
      );
      return this.get(model, name);
    });
  }

  use(model: string, name: string): Promise<PresetView> {
    return this.inQueue(model, async () => {
      await this.get(model, name);
      await this.rows().update({ model, current: true }, { current: false });
      await this.rows().update({ model, name }, { current: true });
      return this.get(model, name);
    });
  }

  delete(model: string, name: string): Promise<void> {
    return this.inQueue(model, async () => {
      const { current } = await this.get(model, name);
      if (current && (await this.rows().countBy({ model })) > 1)
        throw new PlatformError(
          'CONFLICT',
          `"${name}" is the current preset of ${model}; make another one current first.`,
        );
      try {
        await this.rows().delete({ model, name });
      } catch (error) {
        if (!isUnknownReference(error)) throw error;
        throw new PlatformError('CONFLICT', `A schedule of ${model} trains "${name}"; change the schedule first.`);
      }
    });
  }

  copy(model: string, to: string): Promise<void> {
    return this.inQueue(to, async () => {
      await this.database.query(
        `insert into registry.presets (model, name, recipe, parameters, dataset, is_current, updated_at)
         select $2, name, recipe, parameters, dataset,
           is_current and not exists (select 1 from registry.presets where model = $2 and is_current), updated_at
         from registry.presets where model = $1
         on conflict (model, name) do nothing`,
        [model, to],
      );
    });
  }

  forget(model: string): Promise<void> {
    return this.inQueue(model, async () => {
      await this.rows().delete({ model });
    });
  }

  private async get(model: string, name: string): Promise<PresetView> {
    const found = await this.find(model, name);
    if (found === undefined) throw new PlatformError('NOT_FOUND', `${model} has no preset "${name}".`);
    return found;
  }

  /** One current preset, whoever changes presets at the same moment. */
  private inQueue<T>(model: string, work: () => Promise<T>): Promise<T> {
    return this.database.transaction(async () => {
      await this.database.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`presets/${model}`]);
      return work();
    });
  }

  private rows() {
    return this.database.repository(PresetEntity);
  }
}

type Row = Omit<PresetView, 'parameters'> & { parameters: object };

const viewOf = (row: Row): PresetView => ({ ...row, parameters: row.parameters as PresetView['parameters'] });
