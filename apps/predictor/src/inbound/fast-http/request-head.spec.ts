import { describe, expect, it } from 'vitest';
import { hotTargetOf, rememberTargets } from './hot-target.js';
import { readRequestHead } from './request-head.js';

const head = (lines: string[], first = 'POST /predict?proba=true HTTP/1.1'): Buffer =>
  Buffer.from(`${[first, ...lines].join('\r\n')}\r\n\r\n[{}]`, 'latin1');
const host = 'Host: a:1';
const length = 'Content-Length: 4';

describe('the head of a plain request', () => {
  it('is read where the body begins, with what has a meaning', () => {
    const trace = 'traceparent: 00-1-2-3';
    const bytes = head([
      host,
      'Accept: */*',
      length,
      'X-Request-Id:  mine \t',
      trace,
      'Content-Type: text/plain; a="b"',
    ]);
    expect(readRequestHead(bytes)).toEqual({
      target: '/predict?proba=true',
      bodyAt: bytes.length - 4,
      bodyLength: 4,
      close: false,
      headers: {
        host: 'a:1',
        'content-length': '4',
        'x-request-id': 'mine',
        traceparent: '00-1-2-3',
        'content-type': 'text/plain; a="b"',
      },
    });
    expect(readRequestHead(head([host, length, 'connection: Close']))?.close).toBe(true);
    expect(readRequestHead(head([host, length, 'connection: keep-alive']))?.close).toBe(false);
  });

  it.each<[string, Buffer]>([
    ['of which a part is missing', Buffer.from('POST /predict HTTP/1.1\r\nhost: a\r\ncontent-length: 4\r\n')],
    ['of another method', head([host, length], 'GET /predict HTTP/1.1')],
    ['of another version', head([host, length], 'POST /predict HTTP/1.0')],
    ['with an absolute URL', head([host, length], 'POST http://a/predict HTTP/1.1')],
    ['with two spaces', head([host, length], 'POST /predict  HTTP/1.1')],
    ['with a tab in the URL', head([host, length], 'POST /pre\tdict HTTP/1.1')],
    ['with a byte beyond ASCII in the URL', head([host, length], 'POST /pr\xe9dict HTTP/1.1')],
    ['without a host', head([length])],
    ['with two hosts', head([host, host, length])],
    ['without a length', head([host])],
    ['with two lengths', head([host, length, length])],
    ['with a length that is a list', head([host, 'content-length: 4, 4'])],
    ['with a negative length', head([host, 'content-length: -4'])],
    ['with a length in hexadecimal', head([host, 'content-length: 0x4'])],
    ['with a length beyond counting', head([host, 'content-length: 99999999999999999999'])],
    ['with a content type that is none', head([host, length, 'content-type: /;'])],
    ['in chunks', head([host, length, 'Transfer-Encoding: chunked'])],
    ['compressed', head([host, length, 'content-encoding: gzip'])],
    ['that waits to be told to go on', head([host, length, 'Expect: 100-continue'])],
    ['that wants another protocol', head([host, length, 'connection: upgrade', 'upgrade: h2c'])],
    ['with a space before the colon', head([host, length, 'content-length : 5'])],
    ['with a folded line', head([host, length, 'x: 1\r\n y: 2'])],
    ['with a bare line feed', head([host, length, 'x: 1\ncontent-length: 9'])],
    ['with a bare carriage return', head([host, length, 'x: 1\rcontent-length: 9'])],
    ['with a NUL', head([host, length, 'x: \0'])],
    ['with a line that is no header', head([host, length, 'nonsense'])],
    ['longer than Node takes', head([host, length, `x: ${'y'.repeat(20_000)}`])],
  ])('is left to Node: %s', (_, bytes) => {
    expect(readRequestHead(bytes)).toBeUndefined();
  });
});

describe('the target of a hot request', () => {
  it.each<[string, unknown]>([
    ['/predict', { kind: 'records', name: undefined, version: undefined, query: {} }],
    ['/predict?proba=true&x=', { kind: 'records', query: { proba: 'true', x: '' } }],
    ['/models/a%20b%2F/predict', { kind: 'records', name: 'a b/' }],
    ['/v2/models/iris/infer', { kind: 'infer', name: 'iris', version: undefined }],
    ['/v2/models/iris/versions/12/infer', { kind: 'infer', name: 'iris', version: '12' }],
  ])('is found in %s', (url, target) => {
    expect(hotTargetOf(url)).toMatchObject(target as object);
  });

  it.each([
    '/',
    '/predict/',
    '/v2/models//infer',
    '/v2/models/iris/ready',
    '/v2/models/%/infer',
    '/x/predict',
    '/invocations',
  ])('is none in %s', (url) => {
    expect(hotTargetOf(url)).toBeUndefined();
  });

  it('is remembered, of so many URLs as a client can not make too many', () => {
    const targetOf = rememberTargets();
    for (let at = 0; at < 3_000; at += 1)
      expect(targetOf(`/models/m${String(at)}/predict`)?.name).toBe(`m${String(at)}`);
    expect(targetOf('/models/m7/predict')).toBe(targetOf('/models/m7/predict'));
    expect(targetOf('/nowhere')).toBeUndefined();
  });
});
