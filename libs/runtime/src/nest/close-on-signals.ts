import type { INestApplication } from '@nestjs/common';
import type { Logger } from '../logger.js';
import { messageOf } from '../platform-error.js';

/** Below the 30 s after which Kubernetes kills: what still hangs by then is said, not silently killed. */
const CLOSE_WITHIN_MS = 25_000;

/**
 * SIGTERM and SIGINT close the app in order (no new requests, running ones answered, consumers, then the rest) and end the
 * process with 0; a second signal ends it at once. Nest's own hooks would end it by the signal, with 143.
 * Returns what takes the listeners away again.
 */
export const closeOnSignals = (app: INestApplication, logger: Logger): (() => void) => {
  let closing = false;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (closing) process.exit(130);
    closing = true;
    logger.info(`${signal}: closing.`);
    setTimeout(() => {
      logger.error(`Something did not close within ${String(CLOSE_WITHIN_MS / 1000)} s.`);
      process.exit(1);
    }, CLOSE_WITHIN_MS).unref();
    app.close().then(
      () => {
        logger.info('Closed.');
        process.exit(0);
      },
      (error: unknown) => {
        logger.error(`Closing failed: ${messageOf(error)}`, { error });
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  return () => {
    // While a signal is being obeyed the listeners stay: the second signal is theirs.
    if (closing) return;
    process.off('SIGTERM', onSignal);
    process.off('SIGINT', onSignal);
  };
};
