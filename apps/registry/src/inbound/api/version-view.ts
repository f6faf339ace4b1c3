import type { PolicyDecision } from '../../core/promotions.js';
import type { ModelVersion } from '../../core/registered-models.js';

/** A version as our own API shows it. */
export const versionView = (version: ModelVersion, decision?: PolicyDecision): object => ({
  version: version.version,
  stage: version.stage,
  aliases: version.aliases,
  runId: version.runId ?? null,
  source: version.source,
  origin: version.origin,
  requestId: version.requestId ?? null,
  servable: version.frozen.servable,
  ...(version.frozen.servable
    ? { artifact: version.frozen.artifact, signature: version.frozen.signature }
    : { notServableReason: version.frozen.reason }),
  createdAt: new Date(version.createdMs).toISOString(),
  policyDecision:
    decision === undefined ? null : { promoted: decision.promoted, outcome: decision.outcome, reason: decision.reason },
});
