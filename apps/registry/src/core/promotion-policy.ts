import type { ModelRegistered, ModelSignature, PromotionPolicy } from '#contracts';
import type { Stage } from './registered-models.js';
import { signatureChange } from './signature-changes.js';

/** All that a policy looks at. */
export interface PolicyCase {
  policy: PromotionPolicy | undefined;
  candidate: Pick<ModelRegistered, 'version' | 'origin' | 'promote' | 'servable' | 'metrics' | 'signature'>;
  /** The candidate's stage now: a person may have been faster. */
  stage?: Stage;
  /** The version that is served now. */
  production: { version: number; metrics: Record<string, number>; signature?: ModelSignature } | undefined;
  /** The version whose promotion waits for an ONNX file. */
  pending?: number;
  /** The newest version in stage `Staging`. */
  staging?: number;
}

export interface PolicyAnswer {
  step: 'promote' | 'stage' | 'leave';
  reason: string;
}

type Promoting = Exclude<PromotionPolicy, { kind: 'manual' }>;
type Gate = Extract<PromotionPolicy, { kind: 'gate' }>;

/** Unset, what a training request made is promoted, and what a client registered on its own waits for a person. */
export const defaultPolicy = (origin: ModelRegistered['origin']): PromotionPolicy =>
  origin === 'training-request'
    ? { kind: 'always', signatureChanges: 'allow', stage: 'Production' }
    : { kind: 'manual' };

/**
 * How far a version that was just registered, or to which an ONNX file was just attached, goes. A request may ask for less
 * than the policy, never for more; and a policy never goes back: a version that is not newer than the one wished for is
 * left alone (its event came late). A version without ONNX passes like any other; its promotion waits.
 */
export const decideByPolicy = (given: PolicyCase): PolicyAnswer => {
  const { policy, candidate } = given;
  if (candidate.promote === 'never') return leave('the training request asked not to be promoted');
  const overtaken = overtakenBy(given);
  if (overtaken !== undefined) return leave(overtaken);
  const applied = policy ?? defaultPolicy(candidate.origin);
  switch (applied.kind) {
    case 'always':
      return go(
        applied,
        given,
        policy === undefined ? 'default policy "always" for training requests' : 'policy "always"',
      );
    case 'manual':
      return leave(policy === undefined ? 'default policy "manual" for versions of clients' : 'policy "manual"');
    case 'gate':
      return passGate(applied, given);
  }
};

const overtakenBy = ({ candidate, production, pending, stage }: PolicyCase): string | undefined => {
  if (production !== undefined && production.version >= candidate.version)
    return `version ${String(production.version)} was promoted meanwhile and is not older`;
  if (pending !== undefined && pending > candidate.version)
    return `version ${String(pending)}, which is newer, waits to be promoted`;
  return stage === 'Archived' ? 'the version was archived meanwhile' : undefined;
};

const passGate = (gate: Gate, given: PolicyCase): PolicyAnswer => {
  const { metric, minimum } = gate;
  const { candidate, production } = given;
  const value = candidate.metrics[metric] as number | undefined;
  if (value === undefined || Number.isNaN(value)) return leave(`gate: the version has no metric "${metric}"`);
  const better = (a: number, b: number) => (gate.direction === 'higher' ? a > b : a < b);
  if (minimum !== undefined && better(minimum, value))
    return leave(`gate: ${metric} ${String(value)} is worse than ${String(minimum)}`);
  if (!gate.betterThanProduction || production === undefined)
    return go(gate, given, `gate: ${metric} ${String(value)} passes`);
  const reigning = production.metrics[metric] as number | undefined;
  const named = `version ${String(production.version)} in production`;
  // Without a figure to beat nobody can say "better"; a person decides.
  if (reigning === undefined || Number.isNaN(reigning))
    return leave(`gate: ${named} has no metric "${metric}" to compare with`);
  return better(value, reigning)
    ? go(gate, given, `gate: ${metric} ${String(value)} is better than ${String(reigning)} of ${named}`)
    : leave(`gate: ${metric} ${String(value)} is not better than ${String(reigning)} of ${named}`);
};

/** The version passes; what is left to look at is its signature, and how far the policy goes. */
const go = (policy: Promoting, given: PolicyCase, reason: string): PolicyAnswer => {
  const { candidate, production, staging, stage } = given;
  if (
    policy.signatureChanges === 'refuse' &&
    production?.signature !== undefined &&
    candidate.signature !== undefined
  ) {
    const change = signatureChange(production.signature, candidate.signature);
    if (change !== undefined)
      return leave(`the signature is not that of version ${String(production.version)} in production: ${change}`);
  }
  if (policy.stage === 'Production') return { step: 'promote', reason };
  if (staging !== undefined && staging > candidate.version)
    return leave(`version ${String(staging)}, which is newer, is in Staging`);
  if (stage === 'Production' || stage === 'Staging') return leave(`the version was put into ${stage} meanwhile`);
  return { step: 'stage', reason: `${reason}; the policy stops at Staging` };
};

const leave = (reason: string): PolicyAnswer => ({ step: 'leave', reason });
