/** One of the two that are compared, by its HTTP API. */
export class Side {
  constructor(
    readonly name: 'baton' | 'mlflow',
    readonly url: string,
    readonly databaseUrl: string,
    /** Known of ours only: the other has many processes. */
    readonly pid = 0,
  ) {}

  /** MLflow's API. @throws Error unless the answer is 200. */
  async call(method: 'GET' | 'POST', path: string, message: Record<string, unknown>): Promise<Json> {
    const url = new URL(`${this.url}/api/2.0/mlflow/${path}`);
    if (method === 'GET')
      for (const [key, value] of Object.entries(message)) url.searchParams.append(key, String(value));
    const response = await fetch(url, {
      method,
      ...(method === 'POST' && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(message) }),
    });
    const text = await response.text();
    if (response.status !== 200) throw new Error(`${this.name}: ${method} ${path}: ${String(response.status)} ${text}`);
    return JSON.parse(text) as Json;
  }

  async createExperiment(name: string): Promise<string> {
    return (await this.call('POST', 'experiments/create', { name })).experiment_id as string;
  }

  async createRun(experimentId: string, name: string): Promise<string> {
    const created = await this.call('POST', 'runs/create', {
      experiment_id: experimentId,
      run_name: name,
      start_time: 1_700_000_000_000,
    });
    return (created.run as { info: { run_id: string } }).info.run_id;
  }

  async createRuns(experimentId: string, count: number): Promise<string[]> {
    const ids: string[] = [];
    for (let index = 0; index < count; index++) ids.push(await this.createRun(experimentId, `run-${String(index)}`));
    return ids;
  }
}

export type Json = Record<string, unknown>;

export interface Pair {
  ours: Side;
  theirs: Side;
}

/** The same question to both, ours first; once when ours stands for both. */
export const both = async <T>({ ours, theirs }: Pair, ask: (side: Side) => Promise<T>): Promise<[T, T]> => {
  const answer = await ask(ours);
  return [answer, theirs === ours ? answer : await ask(theirs)];
};

/** Whom the figures of a pair are held against. */
export const opponentOf = ({ ours, theirs }: Pair): string => (theirs === ours ? 'itself' : 'mlflow server');
