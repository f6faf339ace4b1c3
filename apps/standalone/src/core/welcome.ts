import type { Endpoints } from './endpoints.js';
import type { StandaloneOptions } from './options.js';

/** What is printed when everything answers: where, what to try, and what this is not. */
export const welcome = (endpoints: Endpoints, options: StandaloneOptions): string => `
Baton is ready.

  registry   ${endpoints.registry}   MLflow's API, and our own under /api/v1
  predictor  ${endpoints.predictor}   POST /predict, GET /model-info, /v2/…
             ${endpoints.predictorGrpc}          the same models over gRPC
  trainer    ${endpoints.trainer}   health and metrics
  events     ${options.kafka ? `Kafka at ${endpoints.kafkaBrokers ?? ''}` : 'a log in PostgreSQL'}
  database   ${options.databaseUrl === undefined ? 'PostgreSQL, embedded' : 'PostgreSQL, the one you named'}
  artifacts  ${endpoints.artifactsDir ?? 'S3, the one you named'}
  data       ${options.dataDir} (logs in ${options.dataDir}/logs)

Try:

  curl -s ${endpoints.registry}/api/v1/training-requests -H 'content-type: application/json' \\
    -d '{"model":"IrisModel","recipe":"random-forest","parameters":{"n_estimators":100,"random_state":42}}'

and some seconds later:

  curl -s ${endpoints.predictor}/predict -H 'content-type: application/json' \\
    -d '[{"sepal_length":5.1,"sepal_width":3.5,"petal_length":1.4,"petal_width":0.2}]'

  ##############################################################################
  ##  NOT FOR PRODUCTION: one machine, no replicas, no access control.        ##
  ##  For that: docker compose -f docker-compose.kafka.yml up                 ##
  ##############################################################################

Ctrl-C ends everything.
`;
