import type { InputExample } from '#contracts';
import { blobKey } from '#artifacts';
import type { Frozen, ModelVersion } from '../../core/registered-models.js';
import { ModelVersionEntity, ModelVersionTagEntity } from './model-version.entity.js';
import { ModelAliasEntity } from './registered-model.entity.js';
import type { RegistryDatabase } from './registry-database.js';

/** Reads versions with their tags and aliases, in the order of `keys`. */
export const loadVersions = (
  database: RegistryDatabase,
  keys: { name: string; version: number }[],
): Promise<ModelVersion[]> =>
  database.guarded(async () => {
    if (keys.length === 0) return [];
    const where = keys.map(({ name, version }) => ({ name, version }));
    const rows = keyed(await database.repository(ModelVersionEntity).find({ where }));
    const tags = keyed(await database.repository(ModelVersionTagEntity).find({ where, order: { key: 'ASC' } }));
    const aliases = keyed(await database.repository(ModelAliasEntity).find({ where, order: { alias: 'ASC' } }));
    return keys.flatMap((key) =>
      rows(key).map((row) => ({
        ...versionOf(row),
        tags: tags(key).map((tag) => ({ key: tag.key, value: tag.value })),
        aliases: aliases(key).map(({ alias }) => alias),
      })),
    );
  });

const versionOf = (row: ModelVersionEntity): Omit<ModelVersion, 'tags' | 'aliases'> => {
  const { artifactSha256, artifactSize, signature, inputExample, notServableReason, ...rest } = row;
  return { ...rest, frozen: frozenOf({ artifactSha256, artifactSize, signature, inputExample, notServableReason }) };
};

type FrozenColumns = Pick<
  ModelVersionEntity,
  'artifactSha256' | 'artifactSize' | 'signature' | 'inputExample' | 'notServableReason'
>;

const frozenOf = (columns: FrozenColumns): Frozen => {
  const { artifactSha256: sha256, artifactSize, signature, inputExample } = columns;
  if (sha256 === null || artifactSize === null || signature === null)
    return { servable: false, reason: columns.notServableReason ?? '' };
  const artifact = { key: blobKey(sha256), sha256, sizeBytes: artifactSize };
  return {
    servable: true,
    artifact,
    signature,
    ...(inputExample !== null && { inputExample: JSON.parse(inputExample) as InputExample }),
  };
};

export const columnsOfFrozen = (frozen: Frozen): FrozenColumns =>
  frozen.servable
    ? {
        artifactSha256: frozen.artifact.sha256,
        artifactSize: frozen.artifact.sizeBytes,
        signature: frozen.signature,
        inputExample: frozen.inputExample === undefined ? null : JSON.stringify(frozen.inputExample),
        notServableReason: null,
      }
    : {
        artifactSha256: null,
        artifactSize: null,
        signature: null,
        inputExample: null,
        notServableReason: frozen.reason,
      };

const keyed = <T extends { name: string; version: number }>(rows: T[]) => {
  const text = ({ name, version }: { name: string; version: number }) => `${name}/${String(version)}`;
  const groups = Map.groupBy(rows, text);
  return (key: { name: string; version: number }): T[] => groups.get(text(key)) ?? [];
};
