/** The variables of a bench run that no app has. This file and no other of the bench reads the environment. */
export interface BenchEnvironment {
  /** A Python that has `mlflow` and `psycopg2`. */
  python?: string;
  /** What every process we start inherits; the services named for this run are given to each on purpose. */
  surroundings: Record<string, string>;
}

export const benchEnvironment = (given: NodeJS.ProcessEnv = process.env): BenchEnvironment => ({
  python: given.BENCH_PYTHON === '' ? undefined : given.BENCH_PYTHON,
  surroundings: Object.fromEntries(
    ['PATH', 'HOME', 'TMPDIR', 'LANG'].flatMap((name) => {
      const value = given[name];
      return value === undefined ? [] : [[name, value]];
    }),
  ),
});
