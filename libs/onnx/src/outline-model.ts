import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { PlatformError } from '#runtime';
import { ChunkReader } from './chunk-reader.js';
import { limits as standardLimits, type Limits } from './limits.js';
import { childKind, fieldHead, isPayload, type Kind, type MessageTree, type TreeField } from './message-tree.js';
import { whyUnreadable } from './no-model.js';
import { readModel, type OnnxModelSummary } from './read-model.js';

/** A model without its weights: what it says about itself, and where in the file the weights are. */
export interface ModelOutline {
  summary: OnnxModelSummary;
  tree: MessageTree;
  sizeBytes: number;
}

/** What is shorter is kept as it is. */
const KEPT_BYTES = 4096;
/** Roughly what an entry of the tree takes beside its bytes. */
const ENTRY_BYTES = 150;
/** A graph is three messages deep in the graph that holds it: node, attribute, graph. */
const LEVELS_PER_GRAPH = 3;

/**
 * Reads a stream of an ONNX file once and keeps the graph, not the weights: a file of 2 GiB takes as much memory as its
 * graph has. Checked as `readModel` checks.
 * @throws PlatformError MODEL_FILE_INVALID naming what is wrong; what the stream itself throws is passed on.
 */
export const outlineModel = async (
  chunks: AsyncIterable<Uint8Array>,
  limits: Limits = standardLimits,
): Promise<ModelOutline> => {
  const source = new FaultKeepingSource(chunks);
  const reader = new ChunkReader(source);
  try {
    const tree = await new Outliner(reader, limits).message('model', Number.POSITIVE_INFINITY, 0);
    const sizeBytes = reader.position;
    if (sizeBytes > limits.sizeBytes)
      throw new RangeError(`it has ${String(sizeBytes)} bytes, more than ${String(limits.sizeBytes)}`);
    return { summary: readModel(skeletonOf(tree), limits), tree, sizeBytes };
  } catch (error) {
    if (source.fault !== undefined) throw error;
    if (error instanceof PlatformError) throw error;
    throw new PlatformError('MODEL_FILE_INVALID', `The ONNX file can't be used: ${whyUnreadable(error)}.`, error);
  }
};

/** Tells a store that fails from a file that is broken. */
class FaultKeepingSource implements AsyncIterable<Uint8Array> {
  fault: unknown;

  constructor(private readonly chunks: AsyncIterable<Uint8Array>) {}

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    try {
      yield* this.chunks;
    } catch (error) {
      this.fault = error;
      throw error;
    }
  }
}

class Outliner {
  private keptBytes = 0;

  constructor(
    private readonly reader: ChunkReader,
    private readonly limits: Limits,
  ) {}

  async message(kind: Kind, end: number, level: number): Promise<MessageTree> {
    if (level > (this.limits.nesting + 2) * LEVELS_PER_GRAPH)
      throw new RangeError(`its graphs are nested deeper than ${String(this.limits.nesting)}`);
    const fields: TreeField[] = [];
    const isLeft = (number: number) => isPayload(kind, number);
    while (this.reader.position < end && !(level === 0 && (await this.reader.atEnd()))) {
      const start = this.reader.position;
      const length = this.reader.passFields(isLeft, end);
      append(fields, length > 0 ? leftInFile(start, length) : await this.field(kind, end, level));
    }
    if (this.reader.position > end) throw new RangeError('a message is longer than the one it is in');
    return { kind, fields };
  }

  private async field(kind: Kind, end: number, level: number): Promise<TreeField> {
    const fieldStart = this.reader.position;
    const tag = await this.reader.varint();
    const [number, wireType] = new BinaryReader(tag).tag();
    if (wireType !== WireType.LengthDelimited) {
      const content = await this.scalar(number, wireType);
      if (isPayload(kind, number)) return leftInFile(fieldStart, this.reader.position - fieldStart);
      this.keep(tag.length + content.length);
      return { number, encoded: joined([tag, content]) };
    }
    const lengthBytes = await this.reader.varint();
    const length = new BinaryReader(lengthBytes).uint32();
    const contentEnd = this.reader.position + length;
    if (contentEnd > end) throw new RangeError('a field is longer than the message it is in');
    const child = childKind(kind, number);
    if (length > KEPT_BYTES && child !== undefined)
      return { number, message: await this.message(child, contentEnd, level + 1) };
    if (isPayload(kind, number)) {
      await this.reader.skip(length);
      return leftInFile(fieldStart, contentEnd - fieldStart);
    }
    this.keep(length);
    return { number, encoded: joined([tag, lengthBytes, await this.reader.take(length)]) };
  }

  private scalar(number: number, wireType: WireType): Promise<Uint8Array> {
    if (wireType === WireType.Varint) return this.reader.varint();
    if (wireType === WireType.Bit64) return this.reader.take(8);
    if (wireType === WireType.Bit32) return this.reader.take(4);
    throw new RangeError(`field ${String(number)} has wire type ${String(wireType)}`);
  }

  private keep(bytes: number): void {
    // An entry of the tree has a price of its own, however short the field is.
    this.keptBytes += bytes + ENTRY_BYTES;
    if (this.keptBytes > this.limits.outlineBytes)
      throw new RangeError(`without its weights it has more than ${String(this.limits.outlineBytes)} bytes`);
  }
}

const leftInFile = (start: number, length: number): TreeField => ({
  number: 0,
  stretch: { file: null, start, length },
});

/** Stretches that follow each other become one. */
const append = (fields: TreeField[], field: TreeField): void => {
  const last = fields.at(-1);
  if (last !== undefined && 'stretch' in last && 'stretch' in field) last.stretch.length += field.stretch.length;
  else fields.push(field);
};

/** The file with its payloads left out: what `readModel` looks at is all there. */
const skeletonOf = (tree: MessageTree): Uint8Array =>
  joined(
    tree.fields.flatMap((field) => {
      if ('encoded' in field) return [field.encoded];
      if ('stretch' in field) return [];
      const content = skeletonOf(field.message);
      return [fieldHead(field.number, content.length), content];
    }),
  );

const joined = (parts: readonly Uint8Array[]): Uint8Array => {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
};
