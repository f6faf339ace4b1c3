import { faultsOf } from './load-checks.js';
import { irisRows } from './iris.js';
import { Load } from './load.js';
import { ModelStore } from './model-store.js';
import { referenceOf } from './reference.js';
import { hold, Stage, type Stack } from './stage.js';
import { registerAndTamper } from './tampered-version.js';

const CONNECTIONS = 8;
/** Answers that each connection gets before and after each change: the change then happens in the middle of the load. */
const ANSWERS_BETWEEN = 20;

/** Says what is being done and what came of it. */
export interface Teller {
  chapter(sentence: string): void;
  fact(sentence: string): void;
}

/**
 * The whole path, for real: train, register, promote, swap under constant load, roll back, refuse a tampered version, swap
 * once more. Plays on any stack; needs a model name that was never used there.
 * @throws StoryError naming the first thing that did not hold.
 */
export const playStory = async (stack: Stack, model: string, teller: Teller): Promise<void> => {
  const stage = new Stage(stack, model);
  const models = new ModelStore(stack.registryUrl);
  const iris = irisRows();
  const references = new Map<number, string[]>();
  const score = async (version: number): Promise<void> => {
    references.set(version, await referenceOf(await models.file(model, version, 'model.onnx'), iris.rows));
  };

  teller.chapter('Train an underfitted model');
  const first = await stage.train('logistic-regression', { max_iter: 10, C: 0.1, random_state: 42 });
  await score(first.version);
  teller.fact(`version ${String(first.version)}: ${metricsOf(first)}`);
  await stage.servesVersion(first.version);
  teller.fact('promoted by policy; the predictor answers by it');

  const load = new Load(stack.predictorUrl, model, iris, CONNECTIONS);
  try {
    await answeredBy(load, first.version);
    teller.fact(
      `${String(CONNECTIONS)} connections now ask for predictions without a pause, over /predict and /v2/…/infer`,
    );

    teller.chapter('Train a better one and swap to it under load');
    const second = await stage.train('logistic-regression', { max_iter: 500, C: 10, random_state: 42 });
    teller.fact(`version ${String(second.version)}: ${metricsOf(second)}`);
    hold(second.metrics.log_loss < first.metrics.log_loss, 'The second version has no better log-loss.');
    hold(second.metrics.accuracy >= first.metrics.accuracy, 'The second version has a worse accuracy.');
    await score(second.version);
    differing(references, first.version, second.version);
    await answeredBy(load, second.version);
    await stage.servesVersion(second.version);
    teller.fact(`every connection is answered by version ${String(second.version)}, and /model-info says so`);

    teller.chapter('Roll back');
    await stage.rollBack('the story goes on with the first version');
    await answeredBy(load, first.version);
    await stage.servesVersion(first.version);
    teller.fact(`every connection is answered by version ${String(first.version)} again`);

    teller.chapter('Promote a version whose stored bytes were tampered with');
    await stage.setPolicy({ kind: 'manual' });
    const third = await registerAndTamper(stage, models, second.version);
    teller.fact(
      `version ${String(third)} registered by an MLflow client; its frozen file was then overwritten in the store`,
    );
    await load.answeredMore(ANSWERS_BETWEEN);
    await stage.servesVersion(first.version);
    teller.fact('under the policy "manual" it waits');
    await stage.promote(third, 'promoted by hand');
    const reason = await refused(stage, third, first.version);
    await load.answeredMore(ANSWERS_BETWEEN);
    await stage.servesVersion(first.version);
    teller.fact(`the fleet says: ${reason}`);
    teller.fact(`version ${String(first.version)} goes on answering`);

    teller.chapter('Train a random forest of 100 trees under the same name');
    await stage.setPolicy({ kind: 'always' });
    const forest = await stage.train('random-forest', { n_estimators: 100, random_state: 42 });
    await score(forest.version);
    teller.fact(`version ${String(forest.version)}: ${metricsOf(forest)}`);
    await answeredBy(load, forest.version);
    await stage.servesVersion(forest.version);
    teller.fact(`every connection is answered by version ${String(forest.version)}`);

    teller.chapter('Look at every answer');
    const promoted = [first.version, second.version, first.version, third, forest.version];
    const report = await load.stop();
    const faults = faultsOf(report, references, promoted);
    hold(faults.length === 0, faults.slice(0, 5).join('\n'));
    for (const version of [first.version, second.version, forest.version])
      hold((report.answersOf.get(version) ?? 0) > 0, `Version ${String(version)} answered nothing.`);
    teller.fact(
      `${String(report.answers)} answers, none failed: ${[...report.answersOf].map(([version, count]) => `version ${String(version)} ${String(count)}`).join(', ')}`,
    );
    teller.fact('each equals, bit for bit, what onnxruntime makes of the stored file of the version it names');
    teller.fact(`on ${String(report.versions.length)} connections no older version came after a newer one`);
  } finally {
    await load.stop();
  }
};

const answeredBy = async (load: Load, version: number): Promise<void> => {
  const all = await load.allAnsweredBy(version, 60_000);
  if (!all) {
    const { failures } = await load.stop();
    hold(false, `Not every connection came to be answered by version ${String(version)}. ${failures.join(' | ')}`);
  }
  await load.answeredMore(ANSWERS_BETWEEN);
};

/** If the two answered alike on some row, an answer there could not tell which version it came from. */
const differing = (references: Map<number, string[]>, one: number, other: number): void => {
  const [ones, others] = [references.get(one) ?? [], references.get(other) ?? []];
  hold(
    ones.length > 0 && ones.every((line, row) => line !== others[row]),
    `Versions ${String(one)} and ${String(other)} answer alike on some row.`,
  );
};

/** Waits until the fleet shows that the version could not be served and that the other still is; gives the reason. */
const refused = (stage: Stage, version: number, serving: number): Promise<string> =>
  stage.until(`The fleet did not show that version ${String(version)} failed`, 60_000, async () => {
    const replicas = await stage.fleet();
    const failed = replicas.filter(({ state, target }) => state === 'failed' && target?.version === version);
    if (failed.length === 0 || failed.length < replicas.length) return undefined;
    const [{ active, reason = '', step }] = failed;
    hold(active?.version === serving, `The fleet shows version ${String(active?.version)} serving.`);
    hold(/digest|sha-?256/i.test(reason), `The reason does not speak of the digest: "${reason}".`);
    return `version ${String(version)} ${step === undefined ? 'failed' : `failed at "${step}"`}: ${reason}`;
  });

const metricsOf = ({ metrics }: { metrics: Record<string, number> }): string =>
  ['accuracy', 'log_loss'].map((name) => `${name} ${metrics[name].toFixed(4)}`).join(', ');
