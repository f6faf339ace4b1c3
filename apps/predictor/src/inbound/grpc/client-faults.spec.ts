import { connect, type ClientHttp2Session } from 'node:http2';
import { deflateSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { PredictorRig } from '../../predictor-rig.behaviour.js';
import { encoded } from './grpc-client.behaviour.js';
import { INFERENCE_SERVICE } from './protocol.js';

const input = { name: 'features', datatype: 'FP32', shape: ['1', '2'], contents: { fp32_contents: [1, 2] } };
const message = encoded('ModelInfer', { model_name: 'iris', inputs: [input] });

let rig: PredictorRig;
let session: ClientHttp2Session;
beforeAll(async () => {
  rig = await PredictorRig.make();
  await rig.start();
  await rig.promote(1);
  await rig.servesVersion(1);
  session = connect(`http://127.0.0.1:${String(rig.grpcPort)}`);
});
afterAll(async () => {
  session.close();
  await rig.end();
});

/** What is answered to one message, its frame made here. */
const said = (
  headers: Record<string, string>,
  bytes: Uint8Array,
  flag: number,
): Promise<Record<string, string | undefined>> =>
  new Promise((resolve, reject) => {
    const prefix = Buffer.alloc(5, flag);
    prefix.writeUInt32BE(bytes.length, 1);
    const stream = session.request({
      ':method': 'POST',
      ':path': `/${INFERENCE_SERVICE}/ModelInfer`,
      'content-type': 'application/grpc',
      te: 'trailers',
      ...headers,
    });
    const all: Record<string, string | undefined> = {};
    const note = (some: object): void => void Object.assign(all, some);
    stream.on('response', note).on('trailers', note).on('error', reject);
    stream.on('close', () => {
      resolve(all);
    });
    stream.resume().end(Buffer.concat([prefix, bytes]));
  });

it.each<[string, Record<string, string>, Uint8Array, number, string, string]>([
  ['what is packed by gzip', { 'grpc-encoding': 'gzip' }, gzipSync(message), 1, '0', 'OK'],
  ['what is packed by deflate', { 'grpc-encoding': 'deflate' }, deflateSync(message), 1, '0', 'OK'],
  ['what could be packed and is not', { 'grpc-encoding': 'gzip' }, message, 0, '0', 'OK'],
  ['what is no gzip', { 'grpc-encoding': 'gzip' }, message, 1, '3', 'can not be unpacked'],
  ['a gzip that is cut', { 'grpc-encoding': 'gzip' }, gzipSync(message).subarray(0, 20), 1, '3', 'can not be unpacked'],
  ['a gzip bomb', { 'grpc-encoding': 'gzip' }, gzipSync(Buffer.alloc(30_000_000)), 1, '8', 'larger'],
  ['another packing', { 'grpc-encoding': 'br' }, message, 1, '12', 'unsupported encoding'],
  ['a mark of packing, and no word of which', {}, gzipSync(message), 1, '3', ''],
  ['a time that is none', { 'grpc-timeout': 'soon' }, message, 0, '3', 'Invalid grpc-timeout value'],
])('answers %s', async (_, headers, bytes, flag, code, words) => {
  const answer = await said(headers, bytes, flag);
  expect(answer['grpc-status']).toBe(code);
  expect(decodeURIComponent(answer['grpc-message'] ?? '')).toContain(words);
  if (code === '12') expect(answer['grpc-accept-encoding']).toBe('identity,deflate,gzip');
  expect((await said({}, message, 0))['grpc-status']).toBe('0');
});
