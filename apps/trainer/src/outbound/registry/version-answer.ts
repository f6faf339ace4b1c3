import type { RegisteredVersion } from '../../core/tracking.js';

/** A version in MLflow's words. */
export interface VersionAnswer {
  version: string;
  tags?: { key: string; value: string }[];
}

/** The registry tells by tags what it made of the files. */
export const versionOf = ({ version, tags = [] }: VersionAnswer): RegisteredVersion => {
  const told = new Map(tags.map(({ key, value }) => [key, value]));
  const isBroken = told.get('baton.servable') === 'false' && told.has('baton.notServableCode');
  return {
    version: Number(version),
    ...(isBroken && { broken: told.get('baton.notServableReason') ?? 'its ONNX file is broken' }),
  };
};
