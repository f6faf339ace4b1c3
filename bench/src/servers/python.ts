import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { pythonWith } from '#testing/python';

/** The one that was named, else that of the tests. @throws Error saying why there is none. */
export const findPython = async (named: string | undefined): Promise<string> => {
  if (named !== undefined) return named;
  const found = await pythonWith('test/mlflow-client/requirements.txt');
  if (found.python === undefined) throw new Error(`MLflow can't be run. ${found.missing} Or measure --alone.`);
  return found.python;
};

export const mlflowVersion = async (python: string): Promise<string> => {
  const { stdout } = await promisify(execFile)(python, [
    '-c',
    'import importlib.metadata as m; print(m.version("mlflow"))',
  ]);
  return stdout.trim();
};
