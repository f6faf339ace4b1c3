import { createHash } from 'node:crypto';
import { blobKey } from '#artifacts';
import { hold, type Stage } from './stage.js';
import type { ModelStore } from './model-store.js';

/**
 * Registers another version by hand and overwrites its frozen file in the store, as a broken disk or an intruder would.
 * What is put there is a sound model of another version: only the digest tells that it is not the one registered.
 */
export const registerAndTamper = async (stage: Stage, models: ModelStore, like: number): Promise<number> => {
  const [file, description] = await Promise.all([
    models.file(stage.model, like, 'model.onnx'),
    models.file(stage.model, like, 'MLmodel'),
  ]);
  const different = withDocumentation(file, 'Registered by hand.');
  const { version } = await models.register(stage.model, {
    MLmodel: new TextDecoder().decode(description),
    'model.onnx': different,
  });
  const key = blobKey(createHash('sha256').update(different).digest('hex'));
  const frozen = await stage.stack.store.stat(key);
  hold(frozen?.sizeBytes === different.length, `The registered file is not frozen in the store as ${key}.`);
  await stage.stack.store.put(key, file);
  return Number(version);
};

/** Field 6 of ONNX's ModelProto, `doc_string`; a protobuf message may be continued by appending a field. */
const DOC_STRING_TAG = 0x32;

/** The same model with a note in it: other bytes, equally servable. */
export const withDocumentation = (file: Uint8Array, note: string): Uint8Array<ArrayBuffer> => {
  const text = new TextEncoder().encode(note);
  if (text.length > 127) throw new RangeError('A length of one byte is all that is written here.');
  return Uint8Array.from([...file, DOC_STRING_TAG, text.length, ...text]);
};
