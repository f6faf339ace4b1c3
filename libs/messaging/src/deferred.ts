/** A promise that is settled from outside, once. An unobserved rejection does not end the process. */
export interface Deferred {
  readonly promise: Promise<void>;
  resolve: () => void;
  reject: (reason: unknown) => void;
}

export const deferred = (): Deferred => {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  promise.catch(() => undefined);
  return {
    promise,
    resolve: () => {
      resolve(undefined);
    },
    reject,
  };
};
