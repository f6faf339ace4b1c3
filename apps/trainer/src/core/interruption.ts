/** Why a leaseholder stops working without an outcome. Neither is an error of the training. */
export class Interruption extends Error {
  override readonly name = 'Interruption';

  constructor(readonly why: 'lease-lost' | 'shutting-down' | 'no-room') {
    super(sentences[why]);
  }
}

/** Rejects with the reason of the signal once it is aborted; what was begun goes on unheard. */
export const unlessAborted = async <T>(signal: AbortSignal, work: Promise<T>): Promise<T> => {
  const { promise, reject } = Promise.withResolvers<never>();
  const leave = (): void => {
    reject(signal.reason as Error);
  };
  work.catch(() => undefined);
  if (signal.aborted) leave();
  signal.addEventListener('abort', leave, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', leave);
  }
};

const sentences = {
  'lease-lost': 'The lease of this job has gone to another trainer.',
  'shutting-down': 'This trainer is shutting down.',
  'no-room': 'This job waits until the memory that its recipe declares is free.',
} as const;
