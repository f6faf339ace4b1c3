import { z } from 'zod';
import { flow, type EventName } from '#contracts';

export type JsonSchema = Record<string, unknown> & { properties?: Record<string, JsonSchema>; required?: string[] };

/**
 * The JSON Schema of one event as a producer in any language takes it: draft 2020-12, on the input side, so that fields
 * with a default are optional. Unknown fields are refused exactly where our own reader refuses them.
 */
export const eventSchema = (event: EventName): JsonSchema => {
  const { $schema, ...schema } = named(z.toJSONSchema(flow[event].schema, { io: 'input' })) as JsonSchema;
  return { $schema, $id: `urn:baton:schema:${event}:v1`, title: event, description: flow[event].says, ...schema };
};

/** The same for AsyncAPI, whose own schema dialect grew out of draft-07; definitions are told apart from the schema. */
export const eventSchemaForAsyncApi = (
  event: EventName,
): { schema: JsonSchema; definitions: Record<string, object> } => {
  const made = named(z.toJSONSchema(flow[event].schema, { io: 'input', target: 'draft-7' }));
  const text = JSON.stringify(made).replaceAll('#/definitions/', '#/components/schemas/');
  const {
    $schema: _,
    definitions = {},
    ...schema
  } = JSON.parse(text) as JsonSchema & { definitions?: Record<string, object> };
  return { schema, definitions };
};

/** Zod numbers what has no name; here it is always "any JSON value". */
const named = (schema: object): object =>
  JSON.parse(JSON.stringify(schema).replaceAll('__schema0', 'JsonValue')) as object;
