import type { ColumnSpec, InputExample, PyfuncSpec } from '#contracts';
import type { ArtifactStore } from '#artifacts';
import { externalFilesOf, inlineModel, limits, outlineModel, signatureOf, type ModelOutline } from '#onnx';
import { PlatformError } from '#runtime';
import { keyOfLocation } from './artifact-locations.js';
import type { FrozenFiles } from './frozen-files.js';
import { isBelow, type ModelDirectory } from './model-directory.js';
import type { Frozen } from './registered-models.js';

type Servable = Extract<Frozen, { servable: true }>;

/** What the directory says of the model beside its file. */
interface Told {
  columns?: ColumnSpec[];
  pyfunc?: PyfuncSpec;
  inputExample?: InputExample;
}

/**
 * Freezes what will be served: finds the ONNX file of a model directory, checks it, puts weights that lie in files beside
 * it into it, and keeps it by content, so that what was registered is what is served, whatever happens to the directory.
 */
export class FreezeModel {
  constructor(
    private readonly store: ArtifactStore,
    private readonly directory: ModelDirectory,
    private readonly files: FrozenFiles,
  ) {}

  /** Says why not when there is nothing that can be served. @throws PlatformError STORE_UNAVAILABLE. */
  async execute(location: string): Promise<Frozen> {
    try {
      const folder = keyOfLocation(location);
      if (folder === undefined) return not(`its files lie outside of this registry (${location})`);
      const { onnx, flavors, ...told } = await this.directory.describe(folder);
      if ('reason' in onnx)
        return not(onnx.reason, flavors, flavors.includes('onnx') ? 'MODEL_FILE_INVALID' : undefined);
      return await this.freeze(folder, onnx.path, told);
    } catch (error) {
      if (error instanceof PlatformError && error.traits.fault === 'dead-letter')
        return not(error.detail, undefined, error.code);
      throw error;
    }
  }

  /**
   * Freezes the file of a directory that somebody names. Columns that are not given are those of the directory's MLmodel.
   * @throws PlatformError MODEL_FILE_INVALID saying why it can not be served; REQUEST_INVALID; ARTIFACT_NOT_FOUND.
   */
  async fileIn(location: string, path: string, columns?: ColumnSpec[]): Promise<Servable> {
    const folder = keyOfLocation(location);
    if (folder === undefined)
      throw new PlatformError('REQUEST_INVALID', `The version's files lie outside of this registry (${location}).`);
    if (!isBelow(path)) throw new PlatformError('REQUEST_INVALID', 'path must name a file below the directory.');
    if ((await this.store.stat(`${folder}/${path}`)) === undefined)
      throw new PlatformError('ARTIFACT_NOT_FOUND', `The version's directory has no file ${path}.`);
    return this.freeze(folder, path, await this.toldIn(folder, columns));
  }

  /** Freezes an object of the store that is a model by itself. @throws PlatformError MODEL_FILE_INVALID. */
  async object(key: string, location: string, columns?: ColumnSpec[]): Promise<Servable> {
    const folder = keyOfLocation(location);
    const told = folder === undefined ? { ...(columns && { columns }) } : await this.toldIn(folder, columns);
    return this.freezeObject(
      key,
      () => {
        throw new PlatformError(
          'MODEL_FILE_INVALID',
          'The ONNX file keeps weights in files beside it: save it as one file, or put them into the directory of the version and name the path.',
        );
      },
      told,
    );
  }

  private freeze(folder: string, path: string, told: Told): Promise<Servable> {
    const beside = path.includes('/') ? `${folder}/${path.slice(0, path.lastIndexOf('/'))}` : folder;
    return this.freezeObject(`${folder}/${path}`, (file) => `${beside}/${file}`, told);
  }

  private async freezeObject(key: string, keyOf: (file: string) => string, told: Told): Promise<Servable> {
    const outline = await this.outline(key);
    const signature = signatureOf(outline.summary);
    const keys = new Map<string | null, string>([[null, key]]);
    const sizes = new Map<string, number>();
    for (const file of externalFilesOf(outline)) {
      keys.set(file, keyOf(file));
      const found = await this.store.stat(keyOf(file));
      if (found !== undefined) sizes.set(file, found.sizeBytes);
    }
    const { pieces } = inlineModel(outline, sizes);
    const artifact = await this.files.keep(pieces, keys);
    const { columns, pyfunc, inputExample } = told;
    return {
      servable: true,
      artifact,
      signature: { ...signature, ...(columns && { columns }), ...(pyfunc && { pyfunc }) },
      ...(inputExample && { inputExample }),
    };
  }

  private async outline(key: string): Promise<ModelOutline> {
    const { body, sizeBytes } = await this.store.get(key);
    try {
      if (sizeBytes <= limits.sizeBytes) return await outlineModel(body);
      const sizes = `${String(sizeBytes)} bytes, more than ${String(limits.sizeBytes)}`;
      throw new PlatformError('MODEL_FILE_INVALID', `The ONNX file has ${sizes}.`);
    } finally {
      body.destroy();
    }
  }

  /** Columns that the caller names take the place of those of the directory. */
  private async toldIn(folder: string, named: ColumnSpec[] | undefined): Promise<Told> {
    const { onnx: _, flavors: __, ...told } = await this.directory.describe(folder);
    return { ...told, ...(named && { columns: named }) };
  }
}

const not = (reason: string, flavors?: string[], code?: string): Frozen => ({
  servable: false,
  reason: reason.replace(/\.$/, '').slice(0, 1000),
  ...(flavors !== undefined && flavors.length > 0 && { flavors }),
  ...(code !== undefined && { code }),
});
