/** What one model may take of a replica. */
export interface ServingLimits {
  /** Rows that are run together at most. */
  readonly maxBatch: number;
  /** Requests that may wait. */
  readonly maxQueue: number;
  /** A request without an answer after so long is told so. */
  readonly timeoutMs: number;
}

/** The settings: limits of all models, and those of single ones. */
export interface LimitSettings {
  readonly byDefault: ServingLimits;
  readonly byModel: Readonly<Record<string, { readonly [K in keyof ServingLimits]?: number | undefined }>>;
}

/** The limits of one model. */
export const limitsOf = (model: string, { byDefault, byModel }: LimitSettings): ServingLimits => {
  const own = Object.hasOwn(byModel, model) ? byModel[model] : {};
  return {
    maxBatch: own.maxBatch ?? byDefault.maxBatch,
    maxQueue: own.maxQueue ?? byDefault.maxQueue,
    timeoutMs: own.timeoutMs ?? byDefault.timeoutMs,
  };
};
