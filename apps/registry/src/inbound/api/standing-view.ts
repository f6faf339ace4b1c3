import type { AgreementView, PendingPromotionView } from '#contracts';
import { agreementOf } from '../../core/agreement.js';
import type { PendingPromotion, Standing } from '../../core/promotions.js';

export const pendingView = (pending: PendingPromotion, why: string): PendingPromotionView => ({ ...pending, why });

/** What is promoted, what waits to be, and whether MLflow's labels say the same. */
export const standingView = (
  standing: Standing,
): {
  promoted: { version: number | null; generation: number };
  pending: PendingPromotionView | null;
  agreement: AgreementView;
} => ({
  promoted: { version: standing.version, generation: standing.generation },
  pending: standing.pending === null ? null : pendingView(standing.pending, standing.pendingWhy ?? ''),
  agreement: agreementOf(standing),
});
