import { PlatformError } from '#runtime';
import { DATA_LOCATION, EXTERNAL_DATA, externalPart } from './external-tensor.js';
import { limits as standardLimits, type Limits } from './limits.js';
import {
  childKind,
  contentOf,
  fieldHead,
  parseMessage,
  type FilePart,
  type Kind,
  type MessageTree,
  type TreeField,
} from './message-tree.js';
import type { ModelOutline } from './outline-model.js';
import { whyUnreadable } from './no-model.js';

/** A stretch of the file to be written: bytes, or what is to be copied from a file. */
export type ModelPiece = Uint8Array | FilePart;

/** `raw_data` of `TensorProto`: what lay in another file comes here, byte for byte (both are little-endian). */
const RAW_DATA = 9;

/** The files beside the model in which it keeps weights. @throws PlatformError MODEL_FILE_INVALID when one is not plain. */
export const externalFilesOf = (outline: ModelOutline): string[] =>
  invalidUnless(() => [...new Set(externalParts(outline.tree).map(({ file }) => String(file)))].sort());

/**
 * The model as one file, as pieces in order: the graph as it was, with every tensor of another file in its place.
 * @param sizes of the files that `externalFilesOf` named
 * @throws PlatformError MODEL_FILE_INVALID: a stretch beyond its file, stretches that overlap, more than 2 GiB.
 */
export const inlineModel = (
  outline: ModelOutline,
  sizes: ReadonlyMap<string, number>,
  limits: Limits = standardLimits,
): { pieces: ModelPiece[]; sizeBytes: number } =>
  invalidUnless(() => {
    const parts = externalParts(outline.tree);
    // A file that is whole stays as it is, byte for byte.
    if (parts.length === 0)
      return { pieces: [{ file: null, start: 0, length: outline.sizeBytes }], sizeBytes: outline.sizeBytes };
    checkParts(parts, sizes);
    const { pieces, length } = encode(outline.tree);
    if (length > limits.sizeBytes)
      throw new RangeError(`with its weights it has ${String(length)} bytes, more than ${String(limits.sizeBytes)}`);
    return { pieces: merged(pieces), sizeBytes: length };
  });

const invalidUnless = <T>(work: () => T): T => {
  try {
    return work();
  } catch (error) {
    throw new PlatformError('MODEL_FILE_INVALID', `The ONNX file can't be used: ${whyUnreadable(error)}.`, error);
  }
};

const checkParts = (parts: readonly FilePart[], sizes: ReadonlyMap<string, number>): void => {
  for (const [file, own] of Map.groupBy(parts, (part) => String(part.file))) {
    const size = sizes.get(file);
    if (size === undefined) throw new RangeError(`the file ${file}, which holds weights, is missing`);
    let before: FilePart | undefined;
    for (const part of own.sort((a, b) => a.start - b.start || a.length - b.length)) {
      if (part.start + part.length > size)
        throw new RangeError(
          `weights end at byte ${String(part.start + part.length)} of ${file}, which has ${String(size)}`,
        );
      // Tied weights are the same stretch twice; anything else is a mistake or a trick.
      const same = before?.start === part.start && before.length === part.length;
      if (before !== undefined && !same && part.length > 0 && before.start + before.length > part.start)
        throw new RangeError(`weights overlap at byte ${String(part.start)} of ${file}`);
      if (part.length > 0) before = part;
    }
  }
};

const externalParts = (tree: MessageTree): FilePart[] => {
  if (tree.kind === 'tensor') {
    const part = externalPart(tree);
    return part === undefined ? [] : [part];
  }
  return tree.fields.flatMap((field) => {
    const message = messageIn(tree.kind, field);
    return message === undefined ? [] : externalParts(message);
  });
};

/** A field as a message, where one can hold a tensor. */
const messageIn = (kind: Kind, field: TreeField): MessageTree | undefined => {
  if ('message' in field) return field.message;
  const child = childKind(kind, field.number);
  return child === undefined || !('encoded' in field) ? undefined : parseMessage(child, contentOf(field));
};

interface Encoded {
  pieces: ModelPiece[];
  length: number;
}

const encode = (tree: MessageTree): Encoded => {
  const pieces: ModelPiece[] = [];
  let length = 0;
  const add = (...more: ModelPiece[]) => {
    for (const piece of more) {
      pieces.push(piece);
      length += piece.length;
    }
  };
  const part = tree.kind === 'tensor' ? externalPart(tree) : undefined;
  for (const field of tree.fields) {
    if (part !== undefined && (field.number === EXTERNAL_DATA || field.number === DATA_LOCATION)) continue;
    if ('stretch' in field) {
      add(field.stretch);
      continue;
    }
    const message = messageIn(tree.kind, field);
    if (message === undefined || ('encoded' in field && externalParts(message).length === 0)) {
      if ('encoded' in field) add(field.encoded);
      continue;
    }
    const inner = encode(message);
    add(fieldHead(field.number, inner.length));
    for (const piece of inner.pieces) add(piece);
  }
  if (part !== undefined) add(fieldHead(RAW_DATA, part.length), part);
  return { pieces, length };
};

/** Bytes that follow bytes become one piece. */
const merged = (pieces: readonly ModelPiece[]): ModelPiece[] => {
  const result: ModelPiece[] = [];
  let run: Uint8Array[] = [];
  const flush = () => {
    if (run.length > 0) result.push(Buffer.concat(run));
    run = [];
  };
  for (const piece of pieces) {
    if (piece instanceof Uint8Array) run.push(piece);
    else if (piece.length > 0) {
      flush();
      result.push(piece);
    }
  }
  flush();
  return result;
};
