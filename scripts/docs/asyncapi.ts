import { stringify } from 'yaml';
import { deadLetterTopic, flow, topics, type EventName, type TopicSpec } from '#contracts';
import { deadLetterHeader } from '#messaging';
import { eventSchemaForAsyncApi } from './event-schemas.js';
import { goldenSamples } from './golden.js';

const events = Object.keys(flow) as EventName[];

/** `model.promoted` → `modelPromoted`: ids in the document. */
const camel = (text: string): string => text.replace(/[.-](\w)/g, (_all, letter: string) => letter.toUpperCase());
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const header = (description: string, more: object = {}): object => ({ type: 'string', description, ...more });

/** What every event has in its Kafka headers (CloudEvents 1.0, binary mode). */
const cloudEventHeaders = {
  type: 'object',
  description:
    'CloudEvents 1.0 attributes, as the Kafka binding writes them in binary mode. A record may leave all of them out: its topic, partition, offset and timestamp are its identity then. Structured mode (`application/cloudevents+json`) is read as well.',
  properties: {
    ce_specversion: header('Always 1.0.', { const: '1.0' }),
    ce_id: header('With the source: the identity of the event. The same twice is one event.'),
    ce_source: header('Who says it.'),
    ce_type: header('Name of the event.'),
    ce_time: header('When it happened.', { format: 'date-time' }),
    ce_subject: header('What it is about.'),
    ce_generation: header('On a tombstone of `model.promoted`: the generation of the retirement.'),
    traceparent: header('W3C trace context.'),
    'content-type': header('Of the value.', { examples: ['application/json'] }),
  },
};

const deadLetterHeaders = {
  type: 'object',
  description: 'The headers of the original record, and with them:',
  properties: Object.fromEntries(
    Object.entries(deadLetterHeader).map(([meaning, name]) => [name, header(`Dead letter: ${meaning}.`)]),
  ),
};

const ref = (path: string): object => ({ $ref: `#/${path}` });

const kafkaTopic = ({ name, partitions, cleanup, retentionMs }: TopicSpec): object => ({
  kafka: {
    topic: name,
    partitions,
    topicConfiguration: { 'cleanup.policy': cleanup.split(','), 'retention.ms': retentionMs },
    bindingVersion: '0.5.0',
  },
});

const topicOf = (name: string): TopicSpec => {
  const found = topics().find((topic) => topic.name === name);
  if (found === undefined) throw new Error(`No topic ${name}.`);
  return found;
};

const messageOf = (event: EventName): object => ({
  name: event,
  title: event,
  summary: flow[event].says,
  contentType: 'application/json',
  headers: ref('components/schemas/CloudEventHeaders'),
  payload: ref(`components/schemas/${capital(camel(event))}`),
  bindings: { kafka: { key: { type: 'string', description: `The ${flow[event].key}.` }, bindingVersion: '0.5.0' } },
  examples: Object.entries(goldenSamples(event)).map(([name, payload]) => ({ name, payload })),
});

const tombstone = {
  name: 'model.promoted (tombstone)',
  title: 'A model was retired',
  summary:
    'A record without a value: the model of its key is served no more. `ce_generation` orders it among promotions.',
  headers: ref('components/schemas/CloudEventHeaders'),
  payload: { type: 'null' },
  bindings: { kafka: { key: { type: 'string', description: 'The model name.' }, bindingVersion: '0.5.0' } },
};

const deadLetter = {
  name: 'dead letter',
  title: 'A record that its consumer gave up on',
  summary:
    'The original bytes under the original key; the headers tell why, after how many attempts, and where it lay.',
  headers: ref('components/schemas/DeadLetterHeaders'),
  payload: { description: 'The bytes of the original record, whatever they are.' },
};

const channels = (): [string, object][] =>
  events.flatMap((event) => [
    [
      camel(event),
      {
        address: event,
        description: flow[event].says,
        messages: {
          [camel(event)]: ref(`components/messages/${camel(event)}`),
          ...(event === 'model.promoted' && { modelRetired: ref('components/messages/modelRetired') }),
        },
        bindings: kafkaTopic(topicOf(event)),
      },
    ],
    ...flow[event].to.map((consumer): [string, object] => [
      camel(deadLetterTopic(event, consumer)),
      {
        address: deadLetterTopic(event, consumer),
        description: `What ${consumer} gave up on in ${event}.`,
        messages: { deadLetter: ref('components/messages/deadLetter') },
        bindings: kafkaTopic(topicOf(deadLetterTopic(event, consumer))),
      },
    ]),
  ]);

const operations = (): [string, object][] =>
  events.flatMap((event) => {
    const { from, to, says } = flow[event];
    const channel = ref(`channels/${camel(event)}`);
    const who = from === 'client' ? 'any producer' : from;
    return [
      [`${from}Sends${capital(camel(event))}`, { action: 'send', channel, summary: `${capital(who)} says: ${says}` }],
      ...to.map((app): [string, object] => [
        `${app}Receives${capital(camel(event))}`,
        { action: 'receive', channel, summary: `${capital(app)} hears ${event}.` },
      ]),
    ];
  });

/** The AsyncAPI 3 document of all that is said on the bus, as YAML. */
export const asyncApiYaml = (version: string): string => {
  const schemas = events.map((event) => [event, eventSchemaForAsyncApi(event)] as const);
  const document = {
    asyncapi: '3.0.0',
    info: {
      title: 'Baton',
      version,
      description:
        'The events by which Baton trains, registers, promotes and serves models. Every event is one topic of the same name. Generated by `npm run docs` from libs/contracts.',
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    defaultContentType: 'application/json',
    servers: {
      kafka: { host: 'localhost:9092', protocol: 'kafka', description: 'As docker-compose.kafka.yml has it.' },
    },
    channels: Object.fromEntries(channels()),
    operations: Object.fromEntries(operations()),
    components: {
      messages: {
        ...Object.fromEntries(events.map((event) => [camel(event), messageOf(event)])),
        modelRetired: tombstone,
        deadLetter,
      },
      schemas: {
        CloudEventHeaders: cloudEventHeaders,
        DeadLetterHeaders: deadLetterHeaders,
        ...Object.fromEntries(schemas.map(([event, { schema }]) => [capital(camel(event)), schema])),
        ...Object.fromEntries(schemas.flatMap(([, { definitions }]) => Object.entries(definitions))),
      },
    },
  };
  return stringify(document, { lineWidth: 0, aliasDuplicateObjects: false });
};
