export { hasPython, pythonWith, type Python } from './python-with.js';
export { startMlflowServer, type MlflowServer, type MlflowServerOptions } from './start-mlflow-server.js';
