export { flow, topics, deadLetterTopic, type EventName, type ConsumerName, type TopicSpec } from './flow.js';
export {
  readEvent,
  writeEvent,
  sentence,
  MalformedEvent,
  type CloudEvent,
  type RawRecord,
  type OutgoingRecord,
} from './envelope.js';
export { MOST_METRICS } from './most-metrics.js';
export { errorCodes, type ErrorCode } from './error-codes.js';
export { type ErrorTraits } from './error-traits.js';
export {
  modelName,
  modelVersion,
  modelSignature,
  modelArtifact,
  inputExample,
  tensorSpec,
  columnSpec,
  datatype,
  type Datatype,
  type TensorSpec,
  type ColumnSpec,
  type ModelSignature,
  type PyfuncSpec,
  type ModelArtifact,
  type InputExample,
} from './model-ref.js';
export {
  trainingRequested,
  datasetRequest,
  type TrainingRequested,
  type DatasetRequest,
} from './events/training-requested.js';
export { trainingCancelRequested, type TrainingCancelRequested } from './events/training-cancel-requested.js';
export { trainingProgressed, type TrainingProgressed } from './events/training-progressed.js';
export { trainingCompleted, type TrainingCompleted } from './events/training-completed.js';
export { modelRegistered, type ModelRegistered } from './events/model-registered.js';
export { modelPromoted, type ModelPromoted } from './events/model-promoted.js';
export { modelDeployed, type ModelDeployed } from './events/model-deployed.js';
export {
  attemptView,
  postAttempt,
  postTrainingRequest,
  trainingRequestState,
  trainingRequestView,
  type TrainingRequestView,
} from './http/training-requests.js';
export {
  presetView,
  presetsView,
  putCurrentPreset,
  putPreset,
  shortName,
  type PresetView,
  type PresetsView,
  type PutPreset,
} from './http/presets.js';
export { patchSchedule, putSchedule, scheduleView, type PutSchedule, type ScheduleView } from './http/schedules.js';
export {
  postPromotion,
  postRollback,
  promotionView,
  promotionPolicy,
  promotionPolicyView,
  promotionsPage,
  promotionAt,
  promotionPending,
  agreementView,
  putServable,
  type PromotionView,
  type PromotionsPage,
  type PromotionAt,
  type PromotionPending,
  type PendingPromotionView,
  type AgreementView,
  type PromotionPolicy,
  type GivenPromotionPolicy,
  type PromotionPolicyView,
} from './http/promotions.js';
export { modelView, modelDetail, modelsPage, modelVersionView, modelVersionDetail } from './http/models.js';
export { ageText, garbageView, postGarbage, type GarbageView } from './http/garbage.js';
export { fleetEntry, fleetView, type FleetView } from './http/fleet.js';
export {
  webhookEvent,
  webhookStatus,
  webhookName,
  postWebhook,
  patchWebhook,
  postWebhookTest,
  webhookView,
  webhooksView,
  webhookTestView,
  webhookDeliveryState,
  webhookDeliveryView,
  webhookDeliveriesView,
  type WebhookEvent,
  type WebhookStatus,
  type WebhookView,
  type WebhooksView,
  type WebhookTestView,
  type WebhookDeliveryView,
  type WebhookDeliveriesView,
} from './http/webhooks.js';
export {
  importExperiment,
  importRun,
  importMetrics,
  importedMetric,
  importLoggedModel,
  importModel,
  importVersion,
  importedExperiment,
  importedFiles,
  importedVersion,
  type ImportExperiment,
  type ImportRun,
  type ImportedMetric,
  type ImportLoggedModel,
  type ImportModel,
  type ImportVersion,
  type ImportedExperiment,
  type ImportedFiles,
  type ImportedVersion,
} from './http/imports.js';
export { liveEvent, type LiveEvent } from './http/live-event.js';
export { problem, type Problem } from './http/problem.js';
export { httpRoutes } from './http/routes.js';
export { type HttpRoute } from './http/http-route.js';
export { openApi, errorsOf } from './http/openapi.js';
export { type OpenApi } from './http/describe-api.js';
export { storable } from './storable.js';
export { servingApi, servingErrorsOf, servingRoutes } from './http/serving/serving-api.js';
export { modelApi, type ServedModel } from './http/serving/model-api.js';
export { isMissing, MISSING_WORDS } from './missing-words.js';
