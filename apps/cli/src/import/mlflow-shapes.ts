/** MLflow's messages as they stand on the wire; what was never set is absent. */
export interface Pair {
  key: string;
  value?: string;
}

export interface WireExperiment {
  experiment_id: string;
  name: string;
  artifact_location?: string;
  lifecycle_stage?: 'active' | 'deleted';
  creation_time?: number;
  last_update_time?: number;
  tags?: Pair[];
}

export type WireNumber = number | 'NaN' | 'Infinity' | '-Infinity';

export interface WireMetric {
  key: string;
  value?: WireNumber;
  timestamp?: number;
  step?: number;
  run_id?: string;
  model_id?: string;
  dataset_name?: string;
  dataset_digest?: string;
}

export interface WireRun {
  info: {
    run_id: string;
    run_name?: string;
    experiment_id: string;
    user_id?: string;
    status: 'RUNNING' | 'SCHEDULED' | 'FINISHED' | 'FAILED' | 'KILLED';
    start_time?: number;
    end_time?: number;
    artifact_uri?: string;
    lifecycle_stage?: 'active' | 'deleted';
  };
  data?: { metrics?: WireMetric[]; params?: Pair[]; tags?: Pair[] };
  inputs?: {
    dataset_inputs?: {
      tags?: Pair[];
      dataset: {
        name: string;
        digest: string;
        source_type?: string;
        source?: string;
        schema?: string;
        profile?: string;
      };
    }[];
    model_inputs?: { model_id: string }[];
  };
  outputs?: { model_outputs?: { model_id: string; step?: number }[] };
}

export interface WireLoggedModel {
  info: {
    model_id: string;
    experiment_id: string;
    name?: string;
    creation_timestamp_ms?: number;
    last_updated_timestamp_ms?: number;
    artifact_uri?: string;
    status?: 'LOGGED_MODEL_PENDING' | 'LOGGED_MODEL_READY' | 'LOGGED_MODEL_UPLOAD_FAILED';
    status_message?: string;
    model_type?: string;
    source_run_id?: string;
    tags?: Pair[];
  };
  data?: { params?: Pair[]; metrics?: WireMetric[] };
}

export interface WireModel {
  name: string;
  creation_timestamp?: number;
  last_updated_timestamp?: number;
  description?: string;
  tags?: Pair[];
  aliases?: { alias: string; version: string }[];
}

export interface WireVersion {
  name: string;
  version: string;
  creation_timestamp?: number;
  last_updated_timestamp?: number;
  user_id?: string;
  current_stage?: 'None' | 'Staging' | 'Production' | 'Archived';
  description?: string;
  source?: string;
  run_id?: string;
  status?: 'PENDING_REGISTRATION' | 'FAILED_REGISTRATION' | 'READY';
  status_message?: string;
  tags?: Pair[];
  run_link?: string;
  model_id?: string;
}

export interface WireFile {
  path: string;
  is_dir?: boolean;
  file_size?: number | string;
}
