import { isMainThread } from 'node:worker_threads';

/**
 * Preloaded (`--import`) into every app that standalone starts: when the process at the other end of the channel is gone,
 * even by `kill -9`, the app is asked to end as by Ctrl-C, and made to if it does not. Apps need not know of it, and
 * processes that they fork inherit it.
 */
const GRACE_MS = 6_000;

if (isMainThread && process.channel !== undefined) {
  process.once('disconnect', () => {
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), GRACE_MS).unref();
    process.kill(process.pid, 'SIGTERM');
  });
  // Listening must not keep a process alive that has nothing else to do.
  process.channel.unref();
}
