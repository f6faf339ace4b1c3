import type { ModelPromoted, PromotionPolicy, PromotionView } from '#contracts';

/** The one pointer of a model name: what is to be served, and how often that was decided. */
export interface Pointer {
  name: string;
  /** Null before the first promotion and after a retirement. */
  version: number | null;
  generation: number;
  firstPromotedAt: string | null;
}

export type PromotionCause = ModelPromoted['cause'];

/** What the policy decided about one version, kept so that it decides once. */
export interface PolicyDecision {
  eventId: string;
  name: string;
  version: number;
  promoted: boolean;
  reason: string;
  decidedAt: string;
}

/** Pointers and their history. They outlive the model: a generation never restarts for a name. */
export abstract class Promotions {
  /** Makes the pointer when it is missing and holds it until the transaction ends: decisions about one name queue here. */
  abstract lock(name: string): Promise<Pointer>;
  abstract find(name: string): Promise<Pointer | undefined>;
  /** Moves the pointer and adds the line to the history. */
  abstract record(line: PromotionView): Promise<void>;
  /** Newest first. */
  abstract history(name: string, limit?: number): Promise<PromotionView[]>;
}

export abstract class PromotionPolicies {
  abstract find(name: string): Promise<PromotionPolicy | undefined>;
  abstract set(name: string, policy: PromotionPolicy, at: string): Promise<void>;
  abstract findDecision(name: string, version: number, eventId: string): Promise<PolicyDecision | undefined>;
  /** Every decision about the versions of a name, newest first. */
  abstract decisions(name: string): Promise<PolicyDecision[]>;
  abstract decided(decision: PolicyDecision): Promise<void>;
}
