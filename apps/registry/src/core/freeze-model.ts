import { createHash } from 'node:crypto';
import type { ColumnSpec, ModelArtifact } from '#contracts';
import { columnSpec } from '#contracts';
import { blobKey, type ArtifactStore } from '#artifacts';
import { readModel, signatureOf } from '#onnx';
import { PlatformError, type Logger } from '#runtime';
import { z } from 'zod';
import { keyOfLocation } from './artifact-locations.js';
import type { Frozen } from './registered-models.js';

const MLMODEL_LIMIT_BYTES = 1024 * 1024;
/** The graph is read into memory once; beyond this an ONNX file is no longer one buffer (protobuf ends at 2 GiB). */
const ONNX_LIMIT_BYTES = 1024 * 1024 * 1024;

/** Reads the text of an MLmodel file (YAML) into plain data; throws when it is none. */
export abstract class MlModelParser {
  abstract parse(text: string): unknown;
}

const mlModel = z.object({
  flavors: z.record(z.string(), z.unknown()).default({}),
  signature: z.object({ inputs: z.string().nullish() }).nullish(),
});
const onnxFlavor = z.object({ data: z.string().min(1) });

/**
 * Freezes what will be served: finds the ONNX file of a model directory, checks it and keeps it by content, so that what
 * was registered is what is served, whatever happens to the directory later.
 */
export class FreezeModel {
  constructor(
    private readonly store: ArtifactStore,
    private readonly mlModels: MlModelParser,
    private readonly logger: Logger,
  ) {}

  /** Says why not when there is nothing that can be served. @throws PlatformError STORE_UNAVAILABLE. */
  async execute(location: string): Promise<Frozen> {
    try {
      const folder = keyOfLocation(location);
      if (folder === undefined) return not(`its files lie outside of this registry (${location})`);
      return await this.freeze(folder);
    } catch (error) {
      if (error instanceof PlatformError && error.traits.fault === 'dead-letter') return not(error.detail);
      throw error;
    }
  }

  private async freeze(folder: string): Promise<Frozen> {
    const text = await this.read(`${folder}/MLmodel`, MLMODEL_LIMIT_BYTES);
    if (text === undefined) return not('its directory has no MLmodel file');
    const described = this.describe(text);
    if (described === undefined) return not('its MLmodel file can not be read');
    const flavor = onnxFlavor.safeParse(described.flavors.onnx);
    if (!flavor.success) return not('its MLmodel file names no ONNX file (flavors.onnx.data)');
    if (!/^[^/\\][^\\]*$/.test(flavor.data.data) || flavor.data.data.split('/').includes('..'))
      return not('its MLmodel file names a path outside of the model directory');
    const bytes = await this.read(`${folder}/${flavor.data.data}`, ONNX_LIMIT_BYTES);
    if (bytes === undefined) return not(`its directory has no file ${flavor.data.data}`);
    const summary = readModel(bytes);
    if (summary.externalData) return not('its weights lie in files beside the graph (external data)');
    const columns = columnsOf(described.signature?.inputs ?? undefined);
    const signature = { ...signatureOf(summary), ...(columns && { columns }) };
    return { servable: true, artifact: await this.keep(bytes), signature };
  }

  private describe(text: Uint8Array): z.infer<typeof mlModel> | undefined {
    try {
      return mlModel.parse(this.mlModels.parse(new TextDecoder().decode(text)));
    } catch (error) {
      this.logger.info('An MLmodel file can not be read.', { error });
      return undefined;
    }
  }

  private async read(key: string, limit: number): Promise<Uint8Array | undefined> {
    const found = await this.store.stat(key);
    if (found === undefined) return undefined;
    const name = key.slice(key.lastIndexOf('/') + 1);
    if (found.sizeBytes > limit)
      throw new PlatformError(
        'MODEL_FILE_INVALID',
        `${name} has ${String(found.sizeBytes)} bytes, more than ${String(limit)}`,
      );
    const { body } = await this.store.get(key);
    const chunks: Uint8Array[] = [];
    for await (const chunk of body) chunks.push(chunk as Uint8Array);
    return Buffer.concat(chunks);
  }

  private async keep(bytes: Uint8Array): Promise<ModelArtifact> {
    const sha256 = digestOf(bytes);
    const key = blobKey(sha256);
    try {
      await this.store.putNew(key, bytes);
    } catch (error) {
      if (!(error instanceof PlatformError && error.code === 'ARTIFACT_EXISTS')) throw error;
      await this.mend(key, sha256, bytes);
    }
    return { key, sha256, sizeBytes: bytes.byteLength };
  }

  /** Registering the same content again is fine; a blob that was tampered with is put right, since we hold the right bytes. */
  private async mend(key: string, sha256: string, bytes: Uint8Array): Promise<void> {
    const hash = createHash('sha256');
    const { body } = await this.store.get(key);
    for await (const chunk of body) hash.update(chunk as Uint8Array);
    if (hash.digest('hex') === sha256) return;
    this.logger.warn('A frozen model held other bytes than its name says; it was written again.', { key });
    await this.store.put(key, bytes, bytes.byteLength);
  }
}

const not = (reason: string): Frozen => ({ servable: false, reason: reason.replace(/\.$/, '').slice(0, 1000) });

const digestOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** The columns of MLflow's column signature, in order; a tensor signature has none. */
const columnsOf = (inputs: string | undefined): ColumnSpec[] | undefined => {
  if (inputs === undefined) return undefined;
  try {
    const columns = z.array(columnSpec).min(1).safeParse(JSON.parse(inputs));
    return columns.success ? columns.data : undefined;
  } catch {
    return undefined;
  }
};
