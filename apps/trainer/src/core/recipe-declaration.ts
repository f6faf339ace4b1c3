/** Parameters of a recipe with every default filled in, as JSON holds them. */
export type ParameterValues = Readonly<Record<string, unknown>>;

/** A way to train that this trainer offers: a request names it by its id. */
export interface RecipeDeclaration {
  id: string;
  title: string;
  /** What its processes may hold at most, all together; jobs are leased by it. */
  memoryBytes: number;
  /** What its work folder may hold at most. */
  diskBytes: number;
  /** @throws PlatformError PARAMETER_INVALID naming every unknown or faulty parameter and what is allowed. */
  readParameters: (given: unknown) => ParameterValues;
  /** A command of its own; absent: built in. */
  external?: ExternalRecipe;
}

/** A recipe that is a command on this machine's disk. Nothing of a request reaches its argv or a shell. */
export interface ExternalRecipe {
  /** Where it is declared. */
  folder: string;
  /** argv; a first word `python` is the interpreter of its environment when it has `requirements`. */
  command: readonly string[];
  /** A pip requirements file, absolute: a virtual environment is made of it once. */
  requirements?: string;
  /** Set for its process beside the contract's own variables. */
  environment: Readonly<Record<string, string>>;
  /** Names of the trainer's own variables that are passed on; nothing else is. */
  inherit: readonly string[];
  /** Shorter than the trainer's own limit, or without effect. */
  timeoutMs?: number;
  /** Where its model is: a file it leaves, logged by itself with an MLflow client, or to be attached to the version it was asked about. */
  model: 'file' | 'logged' | 'attached';
  /** True: it logs onto the trainer's run (`MLFLOW_RUN_ID`); false: it begins runs of its own. */
  takesRun: boolean;
}
