import type { WebhookEvent } from '#contracts';

const model = { name: 'example_model' };
const version = { ...model, version: '1' };
const prompt = { name: 'example_prompt' };
const promptVersion = { ...prompt, version: '1' };
const tag = { key: 'example_key', value: 'example_value' };
const tags = { example_key: 'example_value' };
const { key } = tag;
const alias = 'example_alias';

/** The `data` of every event by an example: what a test of a webhook sends. */
export const exampleData: Record<WebhookEvent, object> = {
  'registered_model.created': { ...model, tags, description: 'An example registered model' },
  'model_version.created': {
    ...version,
    source: 'models:/123',
    run_id: 'abcd1234abcd5678',
    tags,
    description: 'An example model version',
  },
  'model_version_tag.set': { ...version, ...tag },
  'model_version_tag.deleted': { ...version, key },
  'model_version_alias.created': { ...model, alias, version: '1' },
  'model_version_alias.deleted': { ...model, alias },
  'prompt.created': { ...prompt, tags, description: 'An example prompt' },
  'prompt_version.created': {
    ...promptVersion,
    template: 'Hello {{name}}!',
    tags,
    description: 'An example prompt version',
  },
  'prompt_tag.set': { ...prompt, ...tag },
  'prompt_tag.deleted': { ...prompt, key },
  'prompt_version_tag.set': { ...promptVersion, ...tag },
  'prompt_version_tag.deleted': { ...promptVersion, key },
  'prompt_alias.created': { ...prompt, alias, version: '1' },
  'prompt_alias.deleted': { ...prompt, alias },
  'budget_policy.exceeded': {
    budget_policy_id: 'bp-abc123',
    budget_unit: 'USD',
    budget_amount: 100,
    current_spend: 105.5,
    duration_unit: 'MONTHS',
    duration_value: 1,
    target_scope: 'ENDPOINT',
    workspace: 'default',
    target_value: 'ep-abc123',
    window_start: 1_704_067_200_000,
  },
  'model_version_stage.transitioned': { ...version, from_stage: 'Staging', to_stage: 'Production' },
};

/** What a receiver gets: MLflow's envelope, its moment with the offset written out as Python writes it. */
export const bodyOf = (event: WebhookEvent, data: object, at: string): string => {
  const [entity, action] = event.split('.');
  return JSON.stringify({ entity, action, timestamp: at.replace(/Z$/, '+00:00'), data });
};
