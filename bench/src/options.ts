import { parseArgs } from 'node:util';
import { groups, type Group } from './figure.js';
import { defaultCores, type Cores } from './servers/pinned.js';

export const help = `npm run bench -- GROUP… [options]

Measures the registry beside \`mlflow server\` on the same PostgreSQL, and the predictor beside other servers of the same
model on the same cores; in turn, and stops by itself.

  tracking      log-batch, log-metric, create-run: requests per second
  search        pages of 100 out of 100,000 runs
  history       10⁶ points of one metric, written and read
  artifacts     1 GB through the proxy, beside the store itself
  promotion     transition of a stage → \`model.promoted\` on Kafka
  serving       the forest on iris by HTTP and gRPC, beside FastAPI, MLServer, a bare echo and a bare loop
  swap          200 promotions under load: nothing lost, nothing wrong, nothing older after newer, and the p99
  delivery      a promotion → the first answer by the new version
  memory        1,000 swaps
  many          1, 10 and 200 models by 1 and 2 workers, and a large model that comes beside them
  load-memory   what a load takes at its peak, beside what is reserved for it
  training      the built-in recipes beside scikit-learn's newest: the time of a fit of 100,000 rows
  training-quality  5 × 10-fold cross-validation of every recipe on five data sets, on scikit-learn's folds
  exported      exported files: the model in JavaScript, onnxruntime in Node and in Python
  training-memory   the most memory of a training on a CSV file of 1,000,000 × 20
  spawn         \`training.requested\` on Kafka → the process of its recipe
  all           all of them
  page          writes performance.md again from performance.json in --out, and measures nothing

  --out DIR       also puts the groups measured into performance.json and performance.md there (for the docs: --out docs)
  --python PATH   a Python that has mlflow and psycopg2; default: BENCH_PYTHON, else one is made by pip, as for the tests
  --figure TEXT   only figures whose name has this in it (tracking, search, serving, load-memory,
                  training, training-quality, exported, training-memory)
  --alone         only our side, for tuning: nothing is compared
  --rounds N      rounds of each side (3)
  --seconds N     length of a round (4)
  --points N      points of the history (1000000)
  --promotions N  of \`swap\` and \`delivery\` (200)
  --swaps N       of \`memory\` (1000)
  --cores LIST    of the servers from \`serving\` on, as taskset takes it; --load-cores those of the load generators.
                  Default: 0,1 and 2,3 where there are four, else all for both
  --profile DIR   writes a CPU profile of our process there (open it in Chrome's DevTools)
  --help

PostgreSQL, Kafka and S3 are those named by DATABASE_URL, KAFKA_BROKERS and S3_ENDPOINT; else they are started natively.
`;

export interface Options {
  groups: Group[];
  page: boolean;
  out?: string;
  python?: string;
  figure?: string;
  alone: boolean;
  rounds: number;
  seconds: number;
  points: number;
  promotions: number;
  swaps: number;
  cores: Cores;
  profileDir?: string;
}

/** Undefined when help is asked for. @throws Error in words for the one who typed. */
export const readOptions = (argv: string[]): Options | undefined => {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      out: { type: 'string' },
      python: { type: 'string' },
      figure: { type: 'string' },
      alone: { type: 'boolean' },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      points: { type: 'string' },
      promotions: { type: 'string' },
      swaps: { type: 'string' },
      cores: { type: 'string' },
      'load-cores': { type: 'string' },
      profile: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help === true || positionals.length === 0) return undefined;
  const page = positionals.includes('page');
  if (page && values.out === undefined) throw new Error('`page` needs --out, the folder of performance.json.');
  return {
    groups: page ? [] : groupsOf(positionals),
    page,
    out: values.out,
    python: values.python,
    figure: values.figure,
    alone: values.alone ?? false,
    rounds: positive('--rounds', values.rounds ?? '3'),
    seconds: positive('--seconds', values.seconds ?? '4'),
    points: pointsOf(values.points ?? '1000000'),
    promotions: positive('--promotions', values.promotions ?? '200'),
    swaps: positive('--swaps', values.swaps ?? '1000'),
    cores: {
      servers: values.cores ?? defaultCores().servers,
      load: values['load-cores'] ?? values.cores ?? defaultCores().load,
    },
    profileDir: values.profile,
  };
};

const groupsOf = (names: string[]): Group[] => {
  if (names.includes('all')) return [...groups];
  return names.map((name) => {
    const group = groups.find((known) => known === name);
    if (group === undefined) throw new Error(`There is no group "${name}": ${groups.join(', ')}, all, page.`);
    return group;
  });
};

const positive = (flag: string, text: string): number => {
  const value = Number(text);
  if (!(value > 0)) throw new Error(`${flag} takes a number above 0, not "${text}".`);
  return value;
};

/** Ten chunks of batches of a thousand, by four clients. */
const pointsOf = (text: string): number => {
  const points = positive('--points', text);
  if (points % 40_000 !== 0) throw new Error('--points takes a multiple of 40000.');
  return points;
};
