import type { ModelPromoted, PromotionPolicy, PromotionView } from '#contracts';

/** A promotion that was asked for and waits: its version has no ONNX file yet. */
export interface PendingPromotion {
  version: number;
  since: string;
  cause: PromotionCause;
  promotedBy: string;
  reason: string;
}

/** The one pointer of a model name: what is to be served, and how often that was decided. */
export interface Pointer {
  name: string;
  /** Null before the first promotion and after a retirement. */
  version: number | null;
  generation: number;
  firstPromotedAt: string | null;
  pending: PendingPromotion | null;
}

/** What MLflow's labels say of a model. */
export interface Labels {
  /** Versions in stage `Production`, oldest first. */
  production: number[];
  /** The version that the alias `champion` names. */
  champion: number | null;
}

/** Pointer and labels beside each other; `pendingWhy` is why the waiting version can not be served. */
export type Standing = Omit<Pointer, 'firstPromotedAt'> & Labels & { pendingWhy: string | null };

export type PromotionCause = ModelPromoted['cause'];

/** What the policy decided about one version, kept so that it decides once. */
export interface PolicyDecision {
  eventId: string;
  name: string;
  version: number;
  promoted: boolean;
  /** `pending` waits for an ONNX file; `staged` stopped at the stage `Staging`, as the policy says. */
  outcome: 'promoted' | 'pending' | 'staged' | 'left';
  reason: string;
  decidedAt: string;
}

/** Pointers and their history. They outlive the model: a generation never restarts for a name. */
export abstract class Promotions {
  /** Makes the pointer when it is missing and holds it until the transaction ends: decisions about one name queue here. */
  abstract lock(name: string): Promise<Pointer>;
  /** By name, for each of `names` that ever had a version. */
  abstract standings(names: readonly string[]): Promise<Map<string, Standing>>;
  abstract labels(name: string): Promise<Labels>;
  /** Moves the pointer and adds the line to the history. */
  abstract record(line: PromotionView): Promise<void>;
  /** Notes, or with null forgets, what waits. */
  abstract setPending(name: string, pending: PendingPromotion | null): Promise<void>;
  /** Newest first, those before generation `before` when it is given. */
  abstract history(name: string, limit?: number, before?: number): Promise<PromotionView[]>;
  /** The line that held at a moment (ISO); undefined when nothing had been promoted yet. */
  abstract lineAt(name: string, at: string): Promise<PromotionView | undefined>;
}

export abstract class PromotionPolicies {
  abstract find(name: string): Promise<PromotionPolicy | undefined>;
  abstract set(name: string, policy: PromotionPolicy, at: string): Promise<void>;
  abstract findDecision(name: string, version: number, eventId: string): Promise<PolicyDecision | undefined>;
  /** Every decision about the versions of a name, newest first. */
  abstract decisions(name: string): Promise<PolicyDecision[]>;
  abstract decided(decision: PolicyDecision): Promise<void>;
}
