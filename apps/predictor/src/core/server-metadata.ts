import type { ModelPromoted } from '#contracts';
import { PlatformError } from '#runtime';

/** What the server says of itself; the extensions are Triton's names for what it does beyond the protocol's core. */
export const serverMetadata = {
  name: 'baton-predictor',
  version: '0.1.0',
  extensions: ['binary_tensor_data', 'model_repository', 'model_configuration', 'statistics'],
} as const;

/** What the protocol tells of a model. `versions` are those that may be asked for by number. */
export const modelMetadata = (
  { model, signature }: ModelPromoted,
  versions: readonly number[],
): { name: string; versions: string[]; platform: string; inputs: object[]; outputs: object[] } => ({
  name: model,
  versions: versions.map(String),
  platform: 'onnx_onnxv1',
  inputs: signature.inputs,
  outputs: signature.outputs,
});

/** A version as the URL or a gRPC request writes it; empty or undefined is the promoted one. @throws PlatformError VERSION_NOT_FOUND */
export const versionNumber = (name: string, text: string | undefined): number | undefined => {
  if (text === undefined || text === '') return undefined;
  const version = /^[1-9]\d*$/.test(text) ? Number(text) : NaN;
  if (Number.isSafeInteger(version)) return version;
  throw new PlatformError('VERSION_NOT_FOUND', `"${name}" has no version "${text}"; versions are counted from 1.`);
};
