import { z } from 'zod';

/** CloudEvents 1.0 attributes as Baton uses them; `data` is null for a tombstone. Extensions keep their lower-case names. */
export interface CloudEvent<T = unknown> {
  id: string;
  source: string;
  type: string;
  subject?: string;
  time: string;
  traceparent?: string;
  /** Extension: the generation of a tombstone on `model.promoted`. */
  generation?: number;
  data: T;
}

/** A record as the bus keeps it: bytes and text headers, nothing parsed. */
export interface RawRecord {
  topic: string;
  partition: number;
  offset: string;
  /** Milliseconds since the epoch. */
  timestamp: number;
  key: string | null;
  value: Uint8Array | null;
  headers: Record<string, string>;
}

/** What is handed to the bus. */
export interface OutgoingRecord {
  topic: string;
  key: string;
  value: Uint8Array | null;
  headers: Record<string, string>;
}

/** Thrown by `readEvent`; the sentence names what is wrong and goes into the dead letter. */
export class MalformedEvent extends Error {
  override readonly name = 'MalformedEvent';
}

const CONTENT_TYPE = 'application/json';
const STRUCTURED = 'application/cloudevents+json';

/** Kafka protocol binding, binary mode: attributes as `ce_*` headers, the data alone as the value. */
export const writeEvent = (topic: string, key: string, event: CloudEvent): OutgoingRecord => ({
  topic,
  key,
  value: event.data === null ? null : new TextEncoder().encode(JSON.stringify(event.data)),
  headers: {
    ce_specversion: '1.0',
    ce_id: event.id,
    ce_source: event.source,
    ce_type: event.type,
    ce_time: event.time,
    ...(event.subject !== undefined && { ce_subject: event.subject }),
    ...(event.generation !== undefined && { ce_generation: String(event.generation) }),
    ...(event.traceparent !== undefined && { traceparent: event.traceparent }),
    'content-type': CONTENT_TYPE,
  },
});

/**
 * Reads binary mode, structured mode and a bare JSON value. A record without an id of its own gets the place it lies at
 * (topic, partition, offset and, because offsets restart when a broker is wiped, its timestamp).
 * @throws MalformedEvent when the bytes are no JSON, or the envelope is broken or of another version.
 */
export const readEvent = (record: RawRecord): CloudEvent => {
  const headers: MaybeHeaders = record.headers;
  if (headers.ce_id !== undefined || headers.ce_specversion !== undefined) return readBinary(record);
  if (record.value === null) return { ...placeOf(record), data: null };
  const value = parseJson(record.value);
  if (isStructured(headers, value)) return readStructured(record, value);
  return { ...placeOf(record), ...traceOf(headers), data: value };
};

/** A header that is looked up may be absent. */
type MaybeHeaders = Partial<Record<string, string>>;

const readBinary = (record: RawRecord): CloudEvent => {
  const headers: MaybeHeaders = record.headers;
  if (headers.ce_specversion !== undefined && headers.ce_specversion !== '1.0')
    throw new MalformedEvent(`CloudEvents ${headers.ce_specversion} is not read here; send specversion 1.0.`);
  const place = placeOf(record);
  const generation = Number(headers.ce_generation);
  return {
    id: headers.ce_id || place.id,
    source: headers.ce_source || place.source,
    type: headers.ce_type || place.type,
    time: timeOf(headers.ce_time) ?? place.time,
    ...(headers.ce_subject && { subject: headers.ce_subject }),
    ...(Number.isSafeInteger(generation) && generation > 0 && { generation }),
    ...traceOf(headers),
    data: record.value === null ? null : parseJson(record.value),
  };
};

const structured = z.object({
  specversion: z.literal('1.0'),
  id: z.string().min(1),
  source: z.string().min(1),
  type: z.string().min(1),
  subject: z.string().optional(),
  time: z.string().optional(),
  traceparent: z.string().optional(),
  generation: z.int().positive().optional(),
  data: z.unknown().optional(),
  data_base64: z.base64().optional(),
});

const readStructured = (record: RawRecord, value: unknown): CloudEvent => {
  const parsed = structured.safeParse(value);
  if (!parsed.success) throw new MalformedEvent(`The CloudEvents envelope is broken: ${sentence(parsed.error)}`);
  const { data_base64, data, id, source, type, subject, time, traceparent, generation } = parsed.data;
  const decoded = data_base64 === undefined ? data : parseJson(bytesOf(data_base64));
  return {
    id,
    source,
    type,
    time: timeOf(time) ?? placeOf(record).time,
    ...(subject !== undefined && { subject }),
    ...(generation !== undefined && { generation }),
    ...(traceparent !== undefined && { traceparent }),
    ...traceOf(record.headers),
    data: decoded ?? null,
  };
};

const isStructured = (headers: MaybeHeaders, value: unknown): value is Record<string, unknown> =>
  headers['content-type']?.startsWith(STRUCTURED) === true ||
  (typeof value === 'object' && value !== null && 'specversion' in value && 'source' in value);

const placeOf = ({ topic, partition, offset, timestamp }: RawRecord) => ({
  id: `${topic}-${String(partition)}-${offset}-${String(timestamp)}`,
  source: `/bus/${topic}`,
  type: topic,
  time: new Date(timestamp).toISOString(),
});

const traceOf = (headers: MaybeHeaders) =>
  headers.traceparent === undefined ? {} : { traceparent: headers.traceparent };

/** Any RFC 3339 time as our own schemas have it (UTC, `Z`); what can't be read counts as absent. */
const timeOf = (text: string | undefined): string | undefined => {
  const ms = Date.parse(text ?? '');
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString();
};

const bytesOf = (base64: string): Uint8Array => Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));

const parseJson = (bytes: Uint8Array): unknown => {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown;
  } catch (error) {
    throw new MalformedEvent(`The value is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
};

/** One sentence that names every broken field, for dead letters and HTTP answers. */
export const sentence = (error: z.ZodError, whole = 'the value'): string =>
  error.issues
    .map(({ path, message }) => `${path.length === 0 ? whole : path.map(String).join('.')}: ${message}`)
    .join('; ');
