import type { ColumnSpec, InputExample, PyfuncSpec } from '#contracts';
import { columnSpec } from '#contracts';
import type { ArtifactStore } from '#artifacts';
import { messageOf, PlatformError, type Logger } from '#runtime';
import { z } from 'zod';
import { flavorWords } from './flavor-words.js';
import { exampleIn, exampleInfo, EXAMPLE_LIMIT_BYTES } from './input-example.js';

const MLMODEL_LIMIT_BYTES = 1024 * 1024;
/** A directory of a model has a handful of files; a tree that some tool dumped into it is not searched to its end. */
const ENTRIES_LIMIT = 2_000;
const DEPTH_LIMIT = 8;

/** Reads the text of an MLmodel file (YAML) into plain data; throws when it is none. */
export abstract class MlModelParser {
  abstract parse(text: string): unknown;
}

const mlModel = z.object({
  flavors: z.record(z.string(), z.unknown()).default({}),
  signature: z.object({ inputs: z.string().nullish() }).nullish(),
  saved_input_example_info: exampleInfo,
});
const pyfuncFlavor = z.object({ loader_module: z.string().min(1), predict_fn: z.string().min(1).optional() });
const onnxFlavor = z.object({ data: z.string().min(1) });

/** What a model directory says: its ONNX file (a path below it), or why there is none; the columns of its signature and its example. */
export interface DescribedModel {
  onnx: { path: string } | { reason: string };
  columns?: ColumnSpec[];
  pyfunc?: PyfuncSpec;
  inputExample?: InputExample;
  flavors: string[];
}

/** Reads the directory of a logged model, as MLflow's flavors write it. */
export class ModelDirectory {
  constructor(
    private readonly store: ArtifactStore,
    private readonly mlModels: MlModelParser,
    private readonly logger: Logger,
  ) {}

  /** @throws PlatformError STORE_UNAVAILABLE, or a fault of the directory itself, told in its detail. */
  async describe(folder: string): Promise<DescribedModel> {
    const text = await this.read(`${folder}/MLmodel`);
    if (text === undefined) return none('its directory has no MLmodel file');
    const described = this.parse(text);
    if (described === undefined) return none('its MLmodel file can not be read');
    const columns = columnsOf(described.signature?.inputs ?? undefined);
    const onnx = await this.find(folder, described.flavors);
    const inputExample = await this.exampleOf(folder, described.saved_input_example_info);
    const pyfunc = pyfuncOf(described.flavors.python_function, described.signature?.inputs ?? undefined);
    const flavors = Object.keys(described.flavors);
    return {
      onnx,
      flavors,
      ...(columns && { columns }),
      ...(pyfunc && { pyfunc }),
      ...(inputExample && { inputExample }),
    };
  }

  /** An example is a help and no more: one that is missing, large or unreadable keeps no model from being served. */
  private async exampleOf(folder: string, info: z.infer<typeof exampleInfo>): Promise<InputExample | undefined> {
    const path = info?.serving_input_path;
    if (path === undefined || !isBelow(path)) return undefined;
    const found = await this.store.stat(`${folder}/${path}`);
    if (found === undefined || found.sizeBytes > EXAMPLE_LIMIT_BYTES) return undefined;
    const example = exampleIn(new TextDecoder().decode(await this.bytesOf(`${folder}/${path}`)));
    if (example === undefined) this.logger.info('The input example of a model can not be read.', { folder, path });
    return example;
  }

  private async find(folder: string, flavors: Record<string, unknown>): Promise<DescribedModel['onnx']> {
    const flavor = onnxFlavor.safeParse(flavors.onnx);
    if (!flavor.success) {
      const found = await this.onnxFilesBelow(folder);
      if (found.length === 1) return { path: found[0] };
      if (found.length > 1) return { reason: several('its directory', found) };
      return { reason: flavorWords(flavors) };
    }
    const { data } = flavor.data;
    if (!isBelow(data)) return { reason: 'its MLmodel file names a path outside of the model directory' };
    if ((await this.store.stat(`${folder}/${data}`)) !== undefined) return { path: data };
    const found = await this.onnxFilesBelow(`${folder}/${data}`);
    if (found.length === 1) return { path: `${data}/${found[0]}` };
    return { reason: found.length === 0 ? `its directory has no file ${data}` : several(`its folder ${data}`, found) };
  }

  /** Paths below the folder, in order. */
  private async onnxFilesBelow(folder: string): Promise<string[]> {
    const files: string[] = [];
    let seen = 0;
    let level = [folder];
    for (let depth = 0; depth < DEPTH_LIMIT && level.length > 0; depth++) {
      const below: string[] = [];
      for (const each of level)
        for (const { key, isDirectory } of await this.store.list(each)) {
          seen += 1;
          if (seen > ENTRIES_LIMIT)
            throw new PlatformError('MODEL_FILE_INVALID', `its directory has more than ${String(ENTRIES_LIMIT)} files`);
          if (isDirectory) below.push(key);
          else if (/\.onnx$/i.test(key)) files.push(key.slice(folder.length + 1));
        }
      level = below;
    }
    return files.sort();
  }

  private parse(text: Uint8Array): z.infer<typeof mlModel> | undefined {
    try {
      return mlModel.parse(this.mlModels.parse(new TextDecoder().decode(text)));
    } catch (error) {
      this.logger.info('An MLmodel file can not be read.', { error: messageOf(error) });
      return undefined;
    }
  }

  private async read(key: string): Promise<Uint8Array | undefined> {
    const found = await this.store.stat(key);
    if (found === undefined) return undefined;
    if (found.sizeBytes > MLMODEL_LIMIT_BYTES)
      throw new PlatformError('MODEL_FILE_INVALID', `MLmodel has ${String(found.sizeBytes)} bytes, more than 1 MiB`);
    return this.bytesOf(key);
  }

  private async bytesOf(key: string): Promise<Uint8Array> {
    const { body } = await this.store.get(key);
    const chunks: Uint8Array[] = [];
    for await (const chunk of body) chunks.push(chunk as Uint8Array);
    return Buffer.concat(chunks);
  }
}

/** Whether a path stays below the folder it is relative to, however it is read. */
export const isBelow = (path: string): boolean =>
  !/[\\#\u0000-\u001f]|%(2e|2f|5c|00|25)/i.test(path) &&
  path.split('/').every((part) => part !== '' && part !== '.' && part !== '..');

const none = (reason: string): DescribedModel => ({ onnx: { reason }, flavors: [] });

const several = (where: string, files: readonly string[]): string =>
  `${where} has several ONNX files (${files.slice(0, 5).join(', ')}${files.length > 5 ? ', …' : ''}); say which one by PUT …/servable`;

/** The columns of MLflow's column signature, in order; a tensor signature has none. */
const columnsOf = (inputs: string | undefined): ColumnSpec[] | undefined => {
  if (inputs === undefined) return undefined;
  try {
    const columns = z
      .array(columnSpec.refine(({ type }) => type !== 'tensor'))
      .min(1)
      .safeParse(JSON.parse(inputs));
    return columns.success ? columns.data : undefined;
  } catch {
    return undefined;
  }
};

/** What `mlflow models serve` would go by: predictors answer its protocol in the same shape. */
const pyfuncOf = (flavor: unknown, inputs: string | undefined): PyfuncSpec | undefined => {
  const read = pyfuncFlavor.safeParse(flavor);
  if (!read.success) return undefined;
  const { loader_module: loader, predict_fn: predictFn } = read.data;
  // Tensors are told as `{"type": "tensor", "tensor-spec": …}`, columns never so.
  const tensors = inputs !== undefined && columnsOf(inputs) === undefined && inputs.includes('"tensor-spec"');
  return { loader, ...(predictFn !== undefined && { predictFn }), ...(tensors && { tensors }) };
};
