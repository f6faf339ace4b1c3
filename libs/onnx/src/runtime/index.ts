export { openSession, type OnnxSession } from './open-session.js';
export { ModelWorker, type LoadedModel } from './model-worker.js';
