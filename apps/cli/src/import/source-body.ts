import { messageOf } from '#runtime';
import { CliError } from '../cli-error.js';

/** The server could not be reached, or broke off. */
export class MlflowFault extends CliError {}

/** What went wrong, of an error that fetch has wrapped. */
export const faultOf = (error: unknown): string =>
  messageOf(error instanceof Error && error.cause instanceof Error ? error.cause : error);

/** Reads as long as something comes: `idleMs` is for each piece, not for the whole; who reads slowly is waited for. */
export const watched = (body: ReadableStream<Uint8Array>, url: string, idleMs: number): ReadableStream<Uint8Array> => {
  const reader = body.getReader();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        let timer: NodeJS.Timeout | undefined;
        const idle = new Promise<never>((_, reject) => {
          timer = setTimeout(() => {
            reject(new Error(`nothing came for ${String(idleMs / 1000)} s`));
          }, idleMs);
        });
        try {
          const { done, value } = await Promise.race([reader.read(), idle]);
          if (done) controller.close();
          else controller.enqueue(value);
        } catch (error) {
          controller.error(new MlflowFault(`${url} broke off: ${faultOf(error)}`, 1, { cause: error }));
          // The connection is of no use any more; that it ends with an error is known.
          reader.cancel(error).catch(() => undefined);
        } finally {
          clearTimeout(timer);
        }
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
};
