import { parse } from 'csv-parse/sync';
import { messageOf, PlatformError, readJsonText } from '#runtime';
import { csvFrame } from '../core/scoring/csv-frame.js';
import { readScoring, type ScoringRequest } from '../core/scoring/scoring-input.js';
import { jsonBody } from './json-body.js';
import { closingQuote } from './json-strings.js';

const JSON_TYPE = 'application/json';
const CSV_TYPE = 'text/csv';

/**
 * Reads the body of `POST /invocations` by its content type, as `mlflow models serve` does; without one it is taken for JSON.
 * @throws PlatformError INPUT_INVALID with what to send instead, CONTENT_TYPE_UNSUPPORTED.
 */
export const scoringBody = (body: unknown, contentType: string | undefined): ScoringRequest => {
  const [type, ...parameters] = (contentType ?? JSON_TYPE).split(';').map((part) => part.trim().toLowerCase());
  for (const parameter of parameters) {
    const [name, value] = parameter.split('=').map((part) => part.trim().replaceAll('"', ''));
    if (name !== '' && (name !== 'charset' || (value !== 'utf-8' && value !== 'utf8')))
      throw unsupported(`The content type's parameter "${parameter}" is not known; the text must be UTF-8.`);
  }
  if (type === JSON_TYPE) return readScoring(scoringJson(body));
  if (type === CSV_TYPE) return csvFrame(csvRecords(body));
  throw unsupported(`The content type "${type}" is not taken; send ${JSON_TYPE} or ${CSV_TYPE}.`);
};

/** Python writes NaN and Infinity without quotes, which JSON does not have; MLflow's own client sends frames with gaps so. */
const scoringJson = (body: unknown): unknown => {
  const text = body instanceof Uint8Array ? new TextDecoder().decode(body) : '';
  const read = jsonWithWords(body, text);
  if (MAY_OVERFLOW.test(text)) refuseOverflow(text);
  return read;
};

const jsonWithWords = (body: unknown, text: string): unknown => {
  try {
    return jsonBody(body);
  } catch (error) {
    if (!/NaN|Infinity/.test(text)) throw error;
    try {
      return readJsonText(text);
    } catch {
      throw error;
    }
  }
};

/** Every number beyond a double has an exponent of three digits or very many digits; few texts have either. */
const MAY_OVERFLOW = /\d[eE]\+?\d{3}|(?<!\d)\d{200}/;
const NUMBER = /-?\d[\d.eE+-]*/g;

/** What was read would say infinity for 1e999, which nobody wrote. Who means infinity writes it. */
const refuseOverflow = (text: string): void => {
  for (let from = 0; from < text.length;) {
    const open = text.indexOf('"', from);
    const end = open === -1 ? text.length : open;
    for (const [number] of text.slice(from, end).matchAll(NUMBER))
      if (!Number.isFinite(Number(number)))
        throw new PlatformError(
          'INPUT_INVALID',
          `The number ${number.length > 40 ? `${number.slice(0, 40)}…` : number} is beyond what a double holds; write Infinity if that is meant.`,
        );
    from = open === -1 ? end : closingQuote(text, open) + 1;
  }
};

const csvRecords = (body: unknown): string[][] => {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(body instanceof Uint8Array ? body : undefined);
  } catch {
    throw new PlatformError('INPUT_INVALID', 'The body is not UTF-8 text; send CSV.');
  }
  try {
    return parse(text, { relax_column_count: true, skip_empty_lines: true });
  } catch (error) {
    throw new PlatformError('INPUT_INVALID', `The body is not CSV: ${messageOf(error)}`, error);
  }
};

const unsupported = (detail: string): PlatformError => new PlatformError('CONTENT_TYPE_UNSUPPORTED', detail);
