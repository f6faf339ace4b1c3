import { z } from 'zod';

const port = z.coerce.number().int().min(0).max(65535);
const ms = z.coerce.number().int().positive();
const flag = z
  .enum(['true', 'false'])
  .default('false')
  .transform((text) => text === 'true');
const list = z.string().transform((text) =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter(Boolean),
);

const limit = z.int().positive().optional();
const modelLimits = z.record(z.string(), z.strictObject({ maxBatch: limit, maxQueue: limit, timeoutMs: limit }));

/** Every setting of every app: the name in the environment, its type, its default. Generated docs and the check use this table. */
export const settings = z.object({
  LOG_LEVEL: z
    .enum(['debug', 'info', 'warn', 'error'])
    .default('info')
    .meta({ description: 'Lowest level that is logged.' }),
  HOST: z.string().default('0.0.0.0').meta({ description: 'Address that HTTP servers listen on.' }),

  REGISTRY_PORT: port.default(5000).meta({ description: 'HTTP port of the registry; 0 takes a free one.' }),
  PREDICTOR_PORT: port.default(8000).meta({ description: 'HTTP port of the predictor; 0 takes a free one.' }),
  PREDICTOR_GRPC_PORT: port.default(8001).meta({ description: 'gRPC port of the predictor; 0 takes a free one.' }),
  TRAINER_PORT: port
    .default(8080)
    .meta({ description: 'HTTP port of the trainer (health and metrics); 0 takes a free one.' }),

  KAFKA_BROKERS: list
    .optional()
    .meta({ description: 'Kafka brokers, comma separated; unset: events over a Postgres log.' }),
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, 'must begin with postgres:// or postgresql://')
    .optional()
    .meta({ description: 'PostgreSQL; unset only under `npm start`, which brings its own.', secret: true }),
  S3_ENDPOINT: z.url().optional().meta({ description: 'S3 server; unset: artifacts in ARTIFACTS_DIR.' }),
  S3_ACCESS_KEY: z.string().optional().meta({ description: 'S3 access key.', secret: true }),
  S3_SECRET_KEY: z.string().optional().meta({ description: 'S3 secret key.', secret: true }),
  S3_BUCKET: z.string().default('baton').meta({ description: 'S3 bucket; made at start when it is missing.' }),
  S3_PREFIX: z.string().default('').meta({ description: 'Prefix of every key in the bucket.' }),
  S3_REGION: z.string().default('us-east-1').meta({ description: 'S3 region.' }),
  S3_PUBLIC_ENDPOINT: z
    .url()
    .optional()
    .meta({ description: 'Where clients reach the S3 server when ARTIFACTS_DIRECT is on; unset: S3_ENDPOINT.' }),
  ARTIFACTS_DIRECT: z
    .stringbool()
    .default(false)
    .meta({ description: 'Clients may transfer large artifacts straight to and from S3, by signed URLs.' }),
  ARTIFACTS_DIR: z
    .string()
    .default('./data/artifacts')
    .meta({ description: 'Folder of the artifacts when S3_ENDPOINT is unset.' }),

  REGISTRY_URL: z.url().default('http://127.0.0.1:5000').meta({ description: 'Where the trainer finds the registry.' }),
  BATON_REGISTRY: z
    .url()
    .optional()
    .meta({ description: 'Where `baton` finds the registry; unset: the one of `npm start`, else port 5000.' }),
  ALLOWED_HOSTS: list.optional().meta({
    description:
      'Public names of the registry, comma separated, `*` for any part. Addresses, names without a dot and private zones are let in anyway.',
  }),
  ALLOWED_ORIGINS: list.optional().meta({
    description:
      'Origins whose pages may change things in the registry (`https://app.example.com`), comma separated, `*` for any part. Pages of this machine and our own may anyway.',
  }),
  MLFLOW_TRACKING_USERNAME: z
    .string()
    .optional()
    .meta({ description: 'Name by which `baton import mlflow` reads from a server with basic authentication.' }),
  MLFLOW_TRACKING_PASSWORD: z.string().optional().meta({ description: 'The password to it.', secret: true }),
  MLFLOW_TRACKING_TOKEN: z
    .string()
    .optional()
    .meta({ description: 'Bearer token by which `baton import mlflow` reads.', secret: true }),
  PUBLIC_URL: z.url().optional().meta({ description: 'Where clients reach this replica; told to the fleet.' }),

  TRAINER_CONCURRENCY: z.coerce
    .number()
    .int()
    .positive()
    .default(2)
    .meta({ description: 'Jobs that one trainer runs at a time.' }),
  TRAINER_MEMORY_BYTES: z.coerce.number().int().positive().optional().meta({
    description: 'Memory that recipes of one trainer may declare together; a larger one runs alone. Unset: any.',
  }),
  TRAINER_LEASE_MS: ms
    .default(30_000)
    .meta({ description: 'A job whose trainer is silent for this long is taken over.' }),
  TRAINER_MAX_ATTEMPTS: z.coerce
    .number()
    .int()
    .positive()
    .default(2)
    .meta({ description: 'Attempts per job, the first included.' }),
  TRAINER_RETRY_BACKOFF_MS: ms
    .default(5_000)
    .meta({ description: 'Wait before the second attempt; doubles with each.' }),
  TRAINER_JOB_TIMEOUT_MS: ms.default(3_600_000).meta({ description: 'A recipe that runs longer is ended.' }),
  TRAINER_DATA_ROOT: z
    .string()
    .optional()
    .meta({ description: '`file:` data sets are read below this folder only; unset: refused.' }),
  TRAINER_MAX_DATASET_BYTES: z.coerce
    .number()
    .int()
    .positive()
    .default(256 * 1024 * 1024)
    .meta({ description: 'Largest data set that is fetched, and that a packed one may unpack to.' }),
  TRAINER_MAX_DATASET_ROWS: z.coerce
    .number()
    .int()
    .positive()
    .default(2_000_000)
    .meta({ description: 'Most rows of a data set that built-in recipes read.' }),
  TRAINER_DATA_ALLOW_PRIVATE: flag.meta({
    description: 'Lets data sets be fetched by http from addresses of this machine and of private networks.',
  }),
  TRAINER_RECIPES_DIR: z
    .string()
    .optional()
    .meta({ description: 'Folder of recipes besides the built-in ones: each folder in it with a recipe.yaml.' }),
  TRAINER_RECIPE_MEMORY_BYTES: z.coerce
    .number()
    .int()
    .positive()
    .default(4 * 1024 ** 3)
    .meta({
      description: 'Memory that the processes of a recipe may take together, unless its recipe.yaml says otherwise.',
    }),
  TRAINER_RECIPE_DISK_BYTES: z.coerce
    .number()
    .int()
    .positive()
    .default(4 * 1024 ** 3)
    .meta({ description: 'What a recipe may leave in its work folder, unless its recipe.yaml says otherwise.' }),
  TRAINER_PYTHON: z.string().default('python3').meta({
    description: 'Interpreter (3.11 or newer, with venv) that the environments of Python recipes are made with.',
  }),
  TRAINER_ENVIRONMENTS_DIR: z
    .string()
    .optional()
    .meta({ description: 'Where the Python environments of recipes are kept; unset: ~/.cache/baton/recipes.' }),
  TRAINER_WORK_DIR: z
    .string()
    .optional()
    .meta({ description: 'Folder for work directories of jobs; unset: the system temporary folder.' }),

  PREDICTOR_ID: z
    .string()
    .optional()
    .meta({ description: 'Name of this replica in the fleet; unset: host name and a random part.' }),
  PREDICTOR_DEFAULT_MODEL: z
    .string()
    .optional()
    .meta({ description: 'What /predict and /model-info mean; unset: the model promoted first.' }),
  PREDICTOR_MODELS: list.optional().meta({
    description: 'Models to serve, comma separated: names, or patterns with `*` for any part; unset: all.',
  }),
  PREDICTOR_MODEL_TAGS: list.optional().meta({
    description:
      'Serves only models with one of these tags, comma separated: `key` or `key=value`, as they are at the promotion; unset: all.',
  }),
  PREDICTOR_PINNED: list
    .pipe(z.array(z.string().regex(/^[^:/]+:[1-9]\d{0,8}$/, 'must look like iris:3')))
    .optional()
    .meta({
      description:
        'Versions to serve under their versioned URLs besides the promoted one, comma separated: `iris:3`. They are asked of REGISTRY_URL.',
    }),
  PREDICTOR_WORKERS: z.coerce
    .number()
    .int()
    .min(1)
    .max(64)
    .optional()
    .meta({ description: 'Threads over which the batches of a model are spread; unset: the cores of this machine.' }),
  PREDICTOR_MAX_BATCH: z.coerce
    .number()
    .int()
    .min(1)
    .max(65_536)
    .default(64)
    .meta({ description: 'Rows that are run together at most; a larger request is run by itself.' }),
  PREDICTOR_MAX_QUEUE: z.coerce
    .number()
    .int()
    .min(1)
    .default(1024)
    .meta({ description: 'Requests that may wait for one model; more are answered 503 at once.' }),
  PREDICTOR_TIMEOUT_MS: ms
    .default(30_000)
    .meta({ description: 'A request that has waited this long for its model is answered 504.' }),
  PREDICTOR_MODEL_LIMITS: z
    .string()
    .default('{}')
    .transform((text, context) => {
      try {
        return modelLimits.parse(JSON.parse(text));
      } catch {
        context.addIssue('must look like {"iris": {"maxBatch": 32, "maxQueue": 100, "timeoutMs": 1000}}');
        return z.NEVER;
      }
    })
    .meta({
      description:
        'The three limits above for single models: {"iris": {"maxBatch": 1, "maxQueue": 100, "timeoutMs": 1000}}.',
    }),
  PREDICTOR_DOWNLOADS: z.coerce
    .number()
    .int()
    .positive()
    .default(2)
    .meta({ description: 'Model files that one replica fetches at a time.' }),
  ACCESS_LOG: z.enum(['all', 'errors', 'off']).default('errors').meta({
    description: 'Requests to the predictor that are logged, one line each: all, those that failed, or none.',
  }),
  PREDICTOR_CACHE_DIR: z.string().default('./data/predictor').meta({ description: 'Folder of the last-good copies.' }),
  PREDICTOR_MAX_BODY_BYTES: z.coerce
    .number()
    .int()
    .positive()
    .default(10 * 1024 * 1024)
    .meta({ description: 'Largest request body.' }),
  PREDICTOR_RESTATE_MS: ms.default(10_000).meta({ description: 'How often model.deployed is restated.' }),
  PREDICTOR_RETRY_BACKOFF_MS: ms
    .default(2_000)
    .meta({ description: 'Wait before a failed load is tried again; doubles up to a minute.' }),

  POSTGRES_BUS_POLL_MS: ms
    .default(1_000)
    .meta({ description: 'How often the Postgres bus looks for records unprompted.' }),
  OUTBOX_POLL_MS: ms.default(1_000).meta({ description: 'How often an outbox is looked at unprompted.' }),
  WEBHOOK_SECRET_KEY: list
    .pipe(
      z.array(z.string().regex(/^[A-Za-z0-9+/]{43}=$/, 'must be 32 bytes in base64, as of `openssl rand -base64 32`')),
    )
    .default([])
    .meta({
      description:
        'Seals the secrets of webhooks: 32 bytes in base64; several, comma separated, while keys change: the first seals, all open. Unset: webhooks have no secrets.',
      secret: true,
    }),
  WEBHOOKS_ALLOW_HTTP: flag.meta({ description: 'Lets webhooks name `http:` addresses.' }),
  WEBHOOKS_ALLOW_PRIVATE: flag.meta({
    description: 'Lets webhooks name addresses of this machine and of private networks.',
  }),
  WEBHOOK_RETRY_BACKOFF_MS: ms
    .default(5_000)
    .meta({ description: 'Wait before a webhook delivery is tried again; doubles up to an hour.' }),
  CRASH_AT: z
    .string()
    .optional()
    .meta({ description: 'Named point at which the process kills itself; for tests of crashes.' }),
});

export type Settings = Readonly<z.infer<typeof settings>>;
