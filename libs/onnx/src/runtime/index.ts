export { openSession, type OnnxSession } from './open-session.js';
export { SessionThread, type RunAnswer, type ThreadSession } from './session-thread.js';
