import type { z } from 'zod';
import { modelArtifact, modelSignature } from '../model-ref.js';
import { fleetEntry, fleetView } from './fleet.js';
import { garbageView, postGarbage } from './garbage.js';
import { liveEvent } from './live-event.js';
import { modelDetail, modelsPage, modelVersionDetail, modelVersionView, modelView, servableAnswer } from './models.js';
import {
  agreementView,
  pendingPromotion,
  postPromotion,
  postRollback,
  promotionAt,
  promotionPending,
  promotionPolicy,
  promotionPolicyView,
  promotionsPage,
  promotionView,
  putServable,
  retirement,
} from './promotions.js';
import {
  patchWebhook,
  postWebhook,
  webhookDeliveriesView,
  webhookDeliveryView,
  webhooksView,
  webhookTestView,
  webhookView,
} from './webhooks.js';
import { presetsView, presetView, putCurrentPreset, putPreset } from './presets.js';
import { patchSchedule, putSchedule, schedulesView, scheduleView } from './schedules.js';
import {
  attemptView,
  postAttempt,
  postTrainingRequest,
  trainingRequestList,
  trainingRequestView,
} from './training-requests.js';

/** Schemas that have a name of their own in the document; a policy as it is given may leave out more than as it is shown. */
export const httpComponents: Record<'input' | 'output', Record<string, z.ZodType>> = {
  input: {
    PostTrainingRequest: postTrainingRequest,
    PostAttempt: postAttempt,
    PutPreset: putPreset,
    PutCurrentPreset: putCurrentPreset,
    PutSchedule: putSchedule,
    PatchSchedule: patchSchedule,
    PostPromotion: postPromotion,
    PostRollback: postRollback,
    PutPromotionPolicy: promotionPolicy,
    PutServable: putServable,
    PostWebhook: postWebhook,
    PatchWebhook: patchWebhook,
    PostGarbage: postGarbage,
  },
  output: {
    TrainingRequest: trainingRequestView,
    TrainingRequestList: trainingRequestList,
    Attempt: attemptView,
    Preset: presetView,
    PresetsPage: presetsView,
    Schedule: scheduleView,
    SchedulesPage: schedulesView,
    Model: modelView,
    ModelVersion: modelVersionView,
    ModelDetail: modelDetail,
    ModelVersionDetail: modelVersionDetail,
    ServableAnswer: servableAnswer,
    ModelsPage: modelsPage,
    ModelSignature: modelSignature,
    ModelArtifact: modelArtifact,
    Promotion: promotionView,
    PendingPromotion: pendingPromotion,
    PromotionPending: promotionPending,
    PromotionsPage: promotionsPage,
    PromotionAt: promotionAt,
    Retirement: retirement,
    PromotionPolicy: promotionPolicy,
    PromotionPolicyView: promotionPolicyView,
    Agreement: agreementView,
    Fleet: fleetView,
    FleetEntry: fleetEntry,
    LiveEvent: liveEvent,
    Webhook: webhookView,
    WebhooksPage: webhooksView,
    WebhookTest: webhookTestView,
    WebhookDelivery: webhookDeliveryView,
    WebhookDeliveriesPage: webhookDeliveriesView,
    Garbage: garbageView,
  },
};
