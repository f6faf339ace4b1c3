import { DatasetRecordEntity, EvaluationDatasetEntity } from './evaluation-dataset.entity.js';
import { ExperimentEntity, ExperimentTagEntity } from './experiment.entity.js';
import { FleetEntity } from './fleet.entity.js';
import { LoggedModelEntity, LoggedModelParamEntity, LoggedModelTagEntity } from './logged-model.entity.js';
import { Tracking1700000000001 } from './migrations/1700000000001-tracking.js';
import { Models1700000000002 } from './migrations/1700000000002-models.js';
import { Events1700000000003 } from './migrations/1700000000003-events.js';
import { SearchIndexes1700000000010 } from './migrations/1700000000010-search-indexes.js';
import { LeanMetrics1700000000012 } from './migrations/1700000000012-lean-metrics.js';
import { Webhooks1700000000016 } from './migrations/1700000000016-webhooks.js';
import { EvaluationDatasets1700000000014 } from './migrations/1700000000014-evaluation-datasets.js';
import { ModelsOfRuns1700000000015 } from './migrations/1700000000015-models-of-runs.js';
import { Garbage1700000000018 } from './migrations/1700000000018-garbage.js';
import { SearchPlans1700000000020 } from './migrations/1700000000020-search-plans.js';
import { PendingPromotions1700000000019 } from './migrations/1700000000019-pending-promotions.js';
import { InputExamples1700000000021 } from './migrations/1700000000021-input-examples.js';
import { PresetsAndSchedules1700000000022 } from './migrations/1700000000022-presets-and-schedules.js';
import { ModelVersionEntity, ModelVersionTagEntity } from './model-version.entity.js';
import { PresetEntity } from './preset.entity.js';
import {
  PolicyDecisionEntity,
  PromotionEntity,
  PromotionPointerEntity,
  PromotionPolicyEntity,
} from './promotion.entity.js';
import { ModelAliasEntity, RegisteredModelEntity, RegisteredModelTagEntity } from './registered-model.entity.js';
import {
  RunDatasetInputEntity,
  RunEntity,
  RunLatestMetricEntity,
  RunModelInputEntity,
  RunModelOutputEntity,
  RunParamEntity,
  RunTagEntity,
} from './run.entity.js';
import { ScheduleEntity } from './schedule.entity.js';
import { TrainingRequestEntity } from './training-request.entity.js';
import { WebhookEntity } from './webhook.entity.js';

export const entities = [
  ExperimentEntity,
  ExperimentTagEntity,
  RunEntity,
  RunTagEntity,
  RunParamEntity,
  RunLatestMetricEntity,
  RunDatasetInputEntity,
  RunModelInputEntity,
  RunModelOutputEntity,
  LoggedModelEntity,
  LoggedModelTagEntity,
  LoggedModelParamEntity,
  RegisteredModelEntity,
  RegisteredModelTagEntity,
  ModelAliasEntity,
  ModelVersionEntity,
  ModelVersionTagEntity,
  PromotionPointerEntity,
  PromotionEntity,
  PromotionPolicyEntity,
  PolicyDecisionEntity,
  TrainingRequestEntity,
  PresetEntity,
  ScheduleEntity,
  FleetEntity,
  WebhookEntity,
  EvaluationDatasetEntity,
  DatasetRecordEntity,
];

/** In the order in which they run; one that was released is never changed. */
export const migrations = [
  Tracking1700000000001,
  Models1700000000002,
  Events1700000000003,
  SearchIndexes1700000000010,
  LeanMetrics1700000000012,
  Webhooks1700000000016,
  EvaluationDatasets1700000000014,
  ModelsOfRuns1700000000015,
  Garbage1700000000018,
  PendingPromotions1700000000019,
  SearchPlans1700000000020,
  InputExamples1700000000021,
  PresetsAndSchedules1700000000022,
];
