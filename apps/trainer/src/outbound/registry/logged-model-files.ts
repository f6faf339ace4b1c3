import { mkdtemp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import type { FetchedModel, LoggedModelRef } from '../../core/logged-model.js';
import type { ListedFile, MlflowClient } from './mlflow.client.js';

/** Larger ones are taken for none; a registry takes no such file, and predictors no such example. */
const MLMODEL_BYTES = 1024 * 1024;
const EXAMPLE_BYTES = 16 * 1024;
const MOST_BYTES = 2 ** 31;
/** A model that is spread over more is left to the registry and to predictors. */
const MOST_FILES = 200;

const mlModel = z.object({
  flavors: z.object({ onnx: z.object({ data: z.string().min(1) }) }),
  signature: z.object({ inputs: z.string().nullish() }).nullish().catch(undefined),
  saved_input_example_info: z.object({ serving_input_path: z.string().optional() }).nullish().catch(undefined),
});

/**
 * Brings the ONNX file of a logged model, with all that lies beside it, into a folder of its own. Undefined where its MLmodel file names none
 * or is no such file, and where the files are no plain ones in one folder of this registry: then nothing is known of it here.
 */
export const fetchLoggedModel = async (
  mlflow: MlflowClient,
  logged: LoggedModelRef,
  folder: string,
): Promise<FetchedModel | undefined> => {
  const root = await locationOf(mlflow, logged);
  if (!/^mlflow-artifacts:\/(?!\/)/.test(root)) return undefined;
  const listed = await mlflow.list(root);
  if (sizeOf(listed, 'MLmodel') > MLMODEL_BYTES) return undefined;
  const to = await mkdtemp(join(folder, 'logged-'));
  await mlflow.downloadFile(root, 'MLmodel', join(to, 'MLmodel'));
  const told = mlModel.safeParse(yamlIn(await readFile(join(to, 'MLmodel'), 'utf8'))).data;
  if (told === undefined) return undefined;
  const { data } = told.flavors.onnx;
  const files = listed.filter(({ path, is_dir }) => !is_dir && isPlain(path) && path !== 'MLmodel');
  const sizeBytes = files.reduce((sum, { file_size = Infinity }) => sum + file_size, 0);
  if (!files.some(({ path }) => path === data) || files.length > MOST_FILES || sizeBytes > MOST_BYTES) return undefined;
  for (const { path } of files) await mlflow.downloadFile(root, path, join(to, path));
  const columns = columnsOf(told.signature?.inputs ?? undefined);
  const example = told.saved_input_example_info?.serving_input_path;
  return {
    path: join(to, data),
    sizeBytes,
    ...(columns !== undefined && { columns }),
    ...(example !== undefined && sizeOf(files, example) <= EXAMPLE_BYTES && { example: join(to, example) }),
  };
};

const locationOf = async (mlflow: MlflowClient, logged: LoggedModelRef): Promise<string> => {
  if ('loggedModelId' in logged) {
    const path = `logged-models/${encodeURIComponent(logged.loggedModelId)}`;
    const { model } = await mlflow.get<{ model: { info: { artifact_uri: string } } }>(path, {});
    return model.info.artifact_uri;
  }
  const query = { name: logged.model, version: String(logged.version) };
  const { artifact_uri: uri } = await mlflow.get<{ artifact_uri: string }>('model-versions/get-download-uri', query);
  const [, runId, path] = (/^runs:\/+([^/]+)\/(.+)$/.exec(uri) ?? []) as (string | undefined)[];
  if (runId === undefined || path === undefined) return uri;
  const { run } = await mlflow.get<{ run: { info: { artifact_uri: string } } }>('runs/get', { run_id: runId });
  return `${run.info.artifact_uri}/${path}`;
};

const sizeOf = (files: readonly ListedFile[], name: string): number =>
  files.find(({ path, is_dir }) => path === name && !is_dir)?.file_size ?? Infinity;

/** A name that stands for a file of the very folder it is joined to. */
const isPlain = (name: string): boolean => /^[^/\\\0]+$/.test(name) && name !== '.' && name !== '..';

/** Aliases are capped, since a few lines of them can describe a tree without end. */
const yamlIn = (text: string): unknown => {
  try {
    return parse(text, { maxAliasCount: 100, schema: 'core' }) as unknown;
  } catch {
    return undefined;
  }
};

/** Of MLflow's column signature; a tensor signature has none. */
const columnsOf = (inputs: string | undefined): number | undefined => {
  try {
    const columns = z
      .array(z.object({ type: z.string() }))
      .min(1)
      .safeParse(JSON.parse(inputs ?? '')).data;
    return columns?.every(({ type }) => type !== 'tensor') === true ? columns.length : undefined;
  } catch {
    return undefined;
  }
};
