import { stringify } from 'yaml';
import type { RecipeSignature } from '../../core/recipe-runner.js';

export interface ModelDescription {
  modelId: string;
  runId: string;
  artifactUri: string;
  sizeBytes: number;
  createdAt: number;
  signature?: RecipeSignature;
  hasInputExample: boolean;
}

/**
 * The `MLmodel` file as `mlflow.onnx` writes it: enough for `mlflow.pyfunc.load_model` and for every server that reads the
 * signature. Signatures are JSON strings within the YAML.
 */
export const mlmodelOf = (model: ModelDescription): string =>
  stringify(
    {
      artifact_path: model.artifactUri,
      flavors: {
        onnx: { data: 'model.onnx', providers: ['CPUExecutionProvider'], onnx_session_options: null, code: null },
        python_function: { loader_module: 'mlflow.onnx', data: 'model.onnx' },
      },
      model_id: model.modelId,
      model_uuid: model.modelId,
      run_id: model.runId,
      model_size_bytes: model.sizeBytes,
      ...(model.hasInputExample && {
        saved_input_example_info: { artifact_path: 'input_example.json', type: 'dataframe', pandas_orient: 'split' },
      }),
      ...(model.signature !== undefined && {
        signature: {
          inputs: columns(model.signature.inputs),
          outputs: tensors(model.signature.outputs),
          params: null,
        },
      }),
      utc_time_created: new Date(model.createdAt).toISOString().replace('T', ' ').replace('Z', '000'),
    },
    { lineWidth: 0 },
  );

/** What a Python reader installs; the trainer itself needs none of it. */
export const requirements = 'mlflow\nonnx\nonnxruntime\n';

const columns = (named: RecipeSignature['inputs']): string =>
  JSON.stringify(named.map(({ name, type, required = true }) => ({ type, name, required })));

const tensors = (named: RecipeSignature['outputs']): string =>
  JSON.stringify(named.map(({ name, dtype, shape }) => ({ type: 'tensor', name, 'tensor-spec': { dtype, shape } })));
