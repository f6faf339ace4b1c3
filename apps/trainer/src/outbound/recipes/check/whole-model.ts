import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { externalFilesOf, inlineModel, outlineModel } from '#onnx';
import { openPlainFile, type PlainFile } from '../../plain-file.js';

/**
 * A model as one file, weights that it keeps in files beside it put into it, as the registry does; undefined when one of those is not
 * here.
 * @throws PlatformError MODEL_FILE_INVALID.
 */
export const wholeModel = async (path: string): Promise<Uint8Array | undefined> => {
  const outline = await outlineModel(createReadStream(path));
  const names = externalFilesOf(outline);
  if (names.length === 0) return readFile(path);
  const files = new Map<string | null, PlainFile>();
  try {
    for (const name of [null, ...names]) {
      const found = await openPlainFile(name === null ? path : join(dirname(path), name));
      if (found === undefined) return undefined;
      files.set(name, found);
    }
    const sizes = new Map(names.map((name) => [name, files.get(name)?.sizeBytes ?? 0]));
    const { pieces, sizeBytes } = inlineModel(outline, sizes);
    const whole = Buffer.allocUnsafe(sizeBytes);
    let at = 0;
    for (const piece of pieces) {
      if (piece instanceof Uint8Array) whole.set(piece, at);
      else await readInto(whole.subarray(at, at + piece.length), files.get(piece.file), piece.start);
      at += piece.length;
    }
    return whole;
  } finally {
    for (const { file } of files.values()) await file.close();
  }
};

const readInto = async (bytes: Buffer, from: PlainFile | undefined, start: number): Promise<void> => {
  for (let read = 0; read < bytes.length;) {
    const { bytesRead = 0 } = (await from?.file.read(bytes, read, bytes.length - read, start + read)) ?? {};
    if (bytesRead === 0) throw new RangeError('The files of the model changed while they were read.');
    read += bytesRead;
  }
};
