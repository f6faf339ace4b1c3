import type { WebhookEvent } from '#contracts';
import type { Tag } from '../paging.js';
import { isPrompt } from '../prompts.js';
import type { Stage } from '../registered-models.js';

/** What changed in the registry, as the ports saw it. */
export type RegistryChange =
  | { kind: 'model created'; name: string; tags: Tag[]; description: string | null }
  | {
      kind: 'version created';
      name: string;
      version: number;
      source: string;
      runId: string | null;
      tags: Tag[];
      description: string | null;
    }
  | { kind: 'model tag set'; name: string; key: string; value: string }
  | { kind: 'model tag deleted'; name: string; key: string }
  | { kind: 'version tag set'; name: string; version: number; key: string; value: string }
  | { kind: 'version tag deleted'; name: string; version: number; key: string }
  | { kind: 'alias set'; name: string; alias: string; version: number }
  | { kind: 'alias deleted'; name: string; alias: string }
  | { kind: 'stage changed'; name: string; version: number; from: Stage; to: Stage };

/** The event a change is for a model, and the one it is for a prompt; undefined where MLflow has none. */
export const eventsOf: Record<RegistryChange['kind'], { model?: WebhookEvent; prompt?: WebhookEvent }> = {
  'model created': { model: 'registered_model.created', prompt: 'prompt.created' },
  'version created': { model: 'model_version.created', prompt: 'prompt_version.created' },
  'model tag set': { prompt: 'prompt_tag.set' },
  'model tag deleted': { prompt: 'prompt_tag.deleted' },
  'version tag set': { model: 'model_version_tag.set', prompt: 'prompt_version_tag.set' },
  'version tag deleted': { model: 'model_version_tag.deleted', prompt: 'prompt_version_tag.deleted' },
  'alias set': { model: 'model_version_alias.created', prompt: 'prompt_alias.created' },
  'alias deleted': { model: 'model_version_alias.deleted', prompt: 'prompt_alias.deleted' },
  'stage changed': { model: 'model_version_stage.transitioned' },
};

const PROMPT_MARKS = new Set(['mlflow.prompt.is_prompt', '_mlflow_prompt_type']);
const PROMPT_TEXT = 'mlflow.prompt.text';

/** The `data` of the event, field by field as MLflow sends it. */
export const dataOf = (change: RegistryChange): object => {
  switch (change.kind) {
    case 'model created': {
      const { name, description } = change;
      return { name, tags: record(shown(change.tags)), description: description ?? '' };
    }
    case 'version created': {
      const { name, source, runId, tags } = change;
      const of = { name, version: String(change.version) };
      const description = change.description === '' ? null : change.description;
      const template = tags.findLast(({ key }) => key === PROMPT_TEXT)?.value ?? null;
      return isPrompt(tags)
        ? { ...of, template, tags: record(shown(tags).filter(({ key }) => key !== PROMPT_TEXT)), description }
        : { ...of, source, run_id: runId, tags: record(tags), description };
    }
    case 'stage changed':
      return { name: change.name, version: String(change.version), from_stage: change.from, to_stage: change.to };
    case 'model tag set':
    case 'model tag deleted':
    case 'version tag set':
    case 'version tag deleted':
    case 'alias set':
    case 'alias deleted': {
      const { kind: _, ...data } = change;
      return 'version' in data ? { ...data, version: String(data.version) } : data;
    }
  }
};

/** A prompt's marks are MLflow's own affair. */
const shown = (tags: Tag[]): Tag[] => (isPrompt(tags) ? tags.filter(({ key }) => !PROMPT_MARKS.has(key)) : tags);

const record = (tags: Tag[]): Record<string, string> => Object.fromEntries(tags.map(({ key, value }) => [key, value]));
