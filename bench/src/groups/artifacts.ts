import type { Bench } from '../bench.js';
import type { Figure } from '../figure.js';
import { download, upload } from '../load/transfer.js';
import { MemoryWatch } from '../servers/memory-watch.js';
import { bucketOf } from '../servers/store.js';
import type { Side } from '../servers/side.js';
import { pairedRatio, summarise, type Round } from '../statistics.js';

const BYTES = 1024 ** 3;
/** More than this between the first and the largest sample is no longer flat. */
const FLAT_MB = 200;

/** 1 GB through the proxy and straight to and from the store, in turn, by the same client. */
export const measureArtifacts = async (bench: Bench): Promise<Figure[]> => {
  const { s3 } = bench.options.services;
  if (s3 === undefined) throw new Error('The group artifacts needs S3.');
  const prefix = `bench-${Date.now().toString(36)}`;
  const side = await bench.startOurs({
    S3_ENDPOINT: s3.endpoint,
    S3_ACCESS_KEY: s3.accessKey,
    S3_SECRET_KEY: s3.secretKey,
    S3_BUCKET: s3.bucket,
    S3_REGION: s3.region,
    S3_PREFIX: `${prefix}/proxied`,
  });
  const bucket = bucketOf(s3);
  const direct = `${prefix}/direct`;
  const proxied = await proxiedUrl(side);
  const memory = new MemoryWatch(side.pid);
  const up: [Round[], Round[]] = [[], []];
  const down: [Round[], Round[]] = [[], []];
  try {
    // The first of each is warm-up: it also proves that what comes back is what was sent.
    await upload(proxied, BYTES);
    await upload(await bucket.putUrl(direct), BYTES);
    const [a, b] = [
      await download(proxied, { digest: true }),
      await download(await bucket.getUrl(direct), { digest: true }),
    ];
    if (a.sha256 !== b.sha256 || a.bytes !== BYTES) throw new Error('The proxy and the store gave different bytes.');
    for (let round = 0; round < bench.rounds; round++) {
      up[0].push(roundOf(await upload(proxied, BYTES)));
      up[1].push(roundOf(await upload(await bucket.putUrl(direct), BYTES)));
      down[0].push(roundOf((await download(proxied)).ms));
      down[1].push(roundOf((await download(await bucket.getUrl(direct))).ms));
    }
  } finally {
    memory.end();
    await fetch(proxied, { method: 'DELETE' });
    await bucket.remove(direct);
  }
  const { firstMb, largestMb, lastMb } = memory.seen();
  const flat = largestMb - firstMb <= FLAT_MB;
  const notes = `memory of the registry (RSS) ${String(firstMb)} MB before, at most ${String(largestMb)} MB, ${String(lastMb)} MB after`;
  return [figureOf('1 GB up', up, 0.5, flat, notes), figureOf('1 GB down', down, 0.7, flat, notes)];
};

const proxiedUrl = async (side: Side): Promise<string> => {
  const run = await side.createRun('0', 'artifacts');
  return `${side.url}/api/2.0/mlflow-artifacts/artifacts/0/${run}/artifacts/large.bin`;
};

const roundOf = (ms: number): Round => ({ latenciesMs: [ms], seconds: ms / 1000 });

const figureOf = (
  name: string,
  [ours, theirs]: [Round[], Round[]],
  atLeast: number,
  flat: boolean,
  notes: string,
): Figure => {
  const seconds = (rounds: Round[]): number[] => rounds.map((round) => round.seconds);
  const ratio = pairedRatio(seconds(theirs), seconds(ours));
  const rate = (rounds: Round[]): string => `${String(Math.round((1024 / summarise(rounds).p50Ms) * 1000))} MB/s`;
  return {
    group: 'artifacts',
    name,
    ours: summarise(ours),
    theirs: summarise(theirs),
    against: 'the store itself',
    ratio,
    target: `≥ ${String(atLeast)} × of its speed, memory flat`,
    met: ratio >= atLeast && flat,
    notes: `${rate(ours)} through the proxy, ${rate(theirs)} straight; ${notes}`,
  };
};
