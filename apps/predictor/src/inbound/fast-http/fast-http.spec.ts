import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '#testing';
import { PredictorRig } from '../../predictor-rig.behaviour.js';

const infer = JSON.stringify({ inputs: [{ name: 'features', datatype: 'FP32', shape: [1, 2], data: [1, 2] }] });
const post = (body: string, more: string[] = [], target = '/v2/models/iris/infer'): string =>
  [`POST ${target} HTTP/1.1`, 'host: x', `content-length: ${String(Buffer.byteLength(body))}`, ...more, '', body].join(
    '\r\n',
  );
const get = 'GET /v2/health/live HTTP/1.1\r\nhost: x\r\n\r\n';

/** A connection that sends bytes as they are, and keeps what comes back. */
class Wire {
  text = '';
  ended = false;
  readonly socket: Socket;

  constructor(url: string) {
    this.socket = connect({ port: Number(new URL(url).port), host: '127.0.0.1', allowHalfOpen: true });
    this.socket.setEncoding('utf8').on('data', (text: unknown) => (this.text += String(text)));
    this.socket.on('end', () => (this.ended = true));
  }

  send(text: string): this {
    this.socket.write(text);
    return this;
  }

  get statuses(): number[] {
    return [...this.text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => Number(status));
  }

  answers(statuses: number[]): Promise<void> {
    return eventually(() => {
      expect(this.statuses).toEqual(statuses);
    });
  }
}

let rig: PredictorRig;
const wires: Wire[] = [];
const wire = (): Wire => {
  const made = new Wire(rig.url);
  wires.push(made);
  return made;
};
beforeAll(async () => {
  rig = await PredictorRig.make();
  await rig.start();
  await rig.promote(1);
  await rig.servesVersion(1);
});
afterAll(async () => {
  for (const { socket } of wires) socket.destroy();
  await rig.end();
});

describe('a connection', () => {
  it('answers one request after the other, with all headers', async () => {
    const one = wire().send(post(infer, ['x-request-id: a-1']));
    await one.answers([200]);
    expect(one.text).toMatch(/x-model-version: 1\r\n/);
    expect(one.text).toMatch(/x-request-id: a-1\r\n/);
    expect(one.text).toMatch(/date: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT\r\n/);
    expect(one.text).toMatch(/connection: keep-alive\r\n/);
    await one.send(post('[', [], '/predict')).answers([200, 400]);
    expect(one.text).toContain('application/problem+json');
    await one.send(post(infer, [], '/v2/models/nobody/infer')).answers([200, 400, 404]);
  });

  it('says when to come again to who asks for what is not ready', async () => {
    const failing = await rig.promotionOf(2, { model: 'broken' });
    await rig.store.put(failing.artifact.key, new Uint8Array(3));
    await rig.say(failing);
    await eventually(async () => {
      expect((await rig.ask('/v2/models/broken/ready')).status).toBe(503);
    });
    const one = wire().send(post(infer, [], '/v2/models/broken/infer'));
    await one.answers([503]);
    expect(one.text).toContain('retry-after: 1\r\n');
  });

  it('answers requests that come all at once in their order', async () => {
    const one = wire().send(
      post(infer, ['x-request-id: r0']) + post('{}', ['x-request-id: r1']) + post(infer, ['x-request-id: r2']),
    );
    await one.answers([200, 400, 200]);
    expect([...one.text.matchAll(/x-request-id: (\w+)/g)].map(([, id]) => id)).toEqual(['r0', 'r1', 'r2']);
  });

  it('waits for the rest of a body, and of a head', async () => {
    const text = post(infer);
    const cut = text.indexOf('\r\n\r\n') + 4;
    for (const at of [cut, cut + 10, text.length - 1, 5, 40]) {
      const one = wire().send(text.slice(0, at));
      await new Promise((resolve) => setTimeout(resolve, 20));
      await one.send(text.slice(at)).answers([200]);
      await one.send(text).answers([200, 200]);
    }
  });

  it('goes over to Node with what is not plain, and answers there as here', async () => {
    const chunked = `POST /v2/models/iris/infer HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n${infer.length.toString(16)}\r\n${infer}\r\n0\r\n\r\n`;
    const one = wire().send(post(infer) + get + post(infer) + chunked);
    await one.answers([200, 200, 200, 200]);
    expect(one.text).toContain('{"live":true}');
    expect([...one.text.matchAll(/"model_name":"iris"/g)]).toHaveLength(3);
    await wire()
      .send(chunked + post(infer))
      .answers([200, 200]);
    await wire().send('nonsense\r\n\r\n').answers([400]);
    await wire()
      .send(post(infer, ['content-length: 3']))
      .answers([400]);
    await wire()
      .send(`POST /predict HTTP/1.1\r\nhost: x\r\ncontent-length: 100001\r\n\r\n${' '.repeat(100_001)}`)
      .answers([413]);
  });

  it('refuses heads that are too large in the words of the protocol that was asked', async () => {
    const large = [`x-large: ${'x'.repeat(20_000)}`];
    const oip = wire().send(post(infer, large));
    await oip.answers([431]);
    expect(oip.text).toMatch(/\r\n\r\n\{"error":"The headers are larger than [^"]+"\}$/);
    const ours = wire().send(get);
    await ours.answers([200]);
    await ours.send(post('[]', large, '/predict')).answers([200, 431]);
    expect(ours.text).toContain('application/problem+json');
    expect(ours.text).toContain('"status":431');
    await wire().send(post(infer)).answers([200]);
  });

  it('is closed when its client wants it', async () => {
    const asked = wire().send(post(infer, ['connection: close']));
    await asked.answers([200]);
    await eventually(() => {
      expect(asked.ended).toBe(true);
    });
    expect(asked.text).toContain('connection: close');
  });

  it('may break at any place without harm to others', async () => {
    const text = post(infer);
    for (const at of [0, 3, 60, text.length - 2, text.length]) {
      const one = wire().send(text.slice(0, at));
      await new Promise((resolve) => setTimeout(resolve, 5));
      one.socket.resetAndDestroy();
    }
    await wire().send(text).answers([200]);
  });

  it('is closed at the end, when idle at once, and after its answer when busy', async () => {
    const own = await PredictorRig.make();
    await own.start();
    await own.promote(1);
    await own.servesVersion(1);
    const idle = new Wire(own.url).send(post(infer));
    await idle.answers([200]);
    const busy = new Wire(own.url).send(post(infer));
    wires.push(idle, busy);
    await busy.answers([200]);
    busy.send(post(infer));
    await own.end();
    expect(busy.statuses).toEqual([200, 200]);
    await eventually(() => {
      expect([idle.ended, busy.ended]).toEqual([true, true]);
    });
  });

  it('does not hold the close when the rest of its request does not come', async () => {
    const own = await PredictorRig.make();
    await own.start();
    await own.promote(1);
    await own.servesVersion(1);
    const text = post(infer);
    const stalled = [
      'POST /predict HTT',
      'GET /v2',
      text.slice(0, -5),
      text + text.slice(0, -5),
      text + get.slice(0, 9),
    ].map((sent) => new Wire(own.url).send(sent));
    wires.push(...stalled);
    await Promise.all(stalled.slice(3).map((one) => one.answers([200])));
    await own.end();
    await eventually(() => {
      expect(stalled.map(({ ended }) => ended)).toEqual(stalled.map(() => true));
    });
  });
});
