import type { ModelRegistered, PromotionPolicy } from '#contracts';

/** All that a policy looks at. */
export interface PolicyCase {
  policy: PromotionPolicy | undefined;
  candidate: Pick<ModelRegistered, 'version' | 'origin' | 'promote' | 'servable' | 'metrics'>;
  /** The version that is served now, with its metrics. */
  production: { version: number; metrics: Record<string, number> } | undefined;
}

export interface PolicyAnswer {
  promote: boolean;
  reason: string;
}

/** Unset, what a training request made is promoted, and what a client registered on its own waits for a person. */
export const defaultPolicy = (origin: ModelRegistered['origin']): PromotionPolicy =>
  origin === 'training-request' ? { kind: 'always' } : { kind: 'manual' };

/**
 * Whether a version that was just registered is promoted. A request may ask for less than the policy, never for more;
 * and a policy never goes back: a version older than the one in production is left alone (its event came late).
 */
export const decideByPolicy = ({ policy, candidate, production }: PolicyCase): PolicyAnswer => {
  if (candidate.promote === 'never') return no('the training request asked not to be promoted');
  if (!candidate.servable) return no('the version can not be served');
  if (production !== undefined && production.version >= candidate.version)
    return no(`version ${String(production.version)} was promoted meanwhile and is not older`);
  const applied = policy ?? defaultPolicy(candidate.origin);
  switch (applied.kind) {
    case 'always':
      return yes(policy === undefined ? 'default policy "always" for training requests' : 'policy "always"');
    case 'manual':
      return no(policy === undefined ? 'default policy "manual" for versions of clients' : 'policy "manual"');
    case 'gate':
      return passGate(applied, candidate.metrics, production);
  }
};

type Gate = Extract<PromotionPolicy, { kind: 'gate' }>;

const passGate = (gate: Gate, metrics: Record<string, number>, production: PolicyCase['production']): PolicyAnswer => {
  const { metric, minimum } = gate;
  const value = metrics[metric] as number | undefined;
  if (value === undefined || Number.isNaN(value)) return no(`gate: the version has no metric "${metric}"`);
  const better = (a: number, b: number) => (gate.direction === 'higher' ? a > b : a < b);
  if (minimum !== undefined && better(minimum, value))
    return no(`gate: ${metric} ${String(value)} is worse than ${String(minimum)}`);
  if (!gate.betterThanProduction || production === undefined) return yes(`gate: ${metric} ${String(value)} passes`);
  const reigning = production.metrics[metric] as number | undefined;
  const named = `version ${String(production.version)} in production`;
  // Without a figure to beat nobody can say "better"; a person decides.
  if (reigning === undefined || Number.isNaN(reigning))
    return no(`gate: ${named} has no metric "${metric}" to compare with`);
  return better(value, reigning)
    ? yes(`gate: ${metric} ${String(value)} is better than ${String(reigning)} of ${named}`)
    : no(`gate: ${metric} ${String(value)} is not better than ${String(reigning)} of ${named}`);
};

const yes = (reason: string): PolicyAnswer => ({ promote: true, reason });
const no = (reason: string): PolicyAnswer => ({ promote: false, reason });
