import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '#testing';
import { PredictorRig } from '../../predictor-rig.behaviour.js';
import { GrpcClient } from './grpc-client.behaviour.js';
import { HEALTH_SERVICE, INFERENCE_SERVICE, type Message } from './protocol.js';

const input = { name: 'features', datatype: 'FP32', shape: ['1', '2'], contents: { fp32_contents: [1, 2] } };
const request = { model_name: 'iris', inputs: [input] };

let rig: PredictorRig;
let client: GrpcClient;
beforeEach(async () => {
  rig = await PredictorRig.make();
  await rig.start();
  client = new GrpcClient(rig.grpcPort);
});
afterEach(async () => {
  client.close();
  await rig.end();
});

const health = (service = ''): Promise<{ code: number; message: Message }> =>
  client.ask('Check', { service }, { service: HEALTH_SERVICE });

describe('the health service', () => {
  it('serves when this replica is ready, as a whole and for the one service', async () => {
    await eventually(async () => {
      expect((await client.ask('ServerReady')).message).toEqual({ ready: false });
      expect((await health()).message).toEqual({ status: 'NOT_SERVING' });
    });
    expect((await client.ask('ModelReady', { name: 'iris' })).message).toEqual({ ready: false });
    await rig.promote(1);
    await rig.servesVersion(1);
    expect((await health()).message).toEqual({ status: 'SERVING' });
    expect((await health(INFERENCE_SERVICE)).message).toEqual({ status: 'SERVING' });
    expect(await health('somebody.Else')).toMatchObject({ code: 5 });
    expect(await client.ask('Check', Buffer.alloc(12, 255), { service: HEALTH_SERVICE })).toMatchObject({ code: 3 });
  });

  it('tells who watches of each change, and that it leaves', async () => {
    const heard: unknown[] = [];
    const { ended } = client.watch('', ({ status }) => heard.push(status));
    const unknown: unknown[] = [];
    client.watch('somebody.Else', ({ status }) => unknown.push(status));
    await rig.promote(1);
    await eventually(() => {
      expect(heard).toEqual(['NOT_SERVING', 'SERVING']);
    });
    await rig.stop();
    await ended;
    expect(heard).toEqual(['NOT_SERVING', 'SERVING', 'NOT_SERVING']);
    expect(unknown[0]).toBe('SERVICE_UNKNOWN');
  });
});

describe('a gRPC server', () => {
  it('says that nothing is promoted yet, or not loaded, as unavailable', async () => {
    await eventually(async () => {
      expect(await client.infer(request)).toMatchObject({
        code: 14,
        details: 'No model has been promoted yet; promote a version and ask again.',
      });
    });
    const broken = await rig.promotionOf(1);
    await rig.say({ ...broken, artifact: { ...broken.artifact, sha256: '0'.repeat(64) } });
    await eventually(async () => {
      expect(await client.infer(request)).toMatchObject({
        code: 14,
        details: expect.stringContaining('is promoted but not served yet') as string,
        headers: { 'grpc-retry-pushback-ms': '1000' },
      });
    });
  });

  it('names the version that answers over swaps, and answers what it took before it leaves', async () => {
    await rig.promote(1);
    await rig.servesVersion(1);
    let stopped = false;
    const answers: { code: number; version: unknown; header: string | undefined }[] = [];
    const asking = Array.from({ length: 4 }, async () => {
      while (!stopped) {
        const { code, message, headers } = await client.infer(request);
        answers.push({ code, version: message.model_version, header: headers['x-model-version'] });
      }
    });
    await rig.promote(2);
    await rig.servesVersion(2);
    await eventually(() => {
      expect(answers.at(-1)).toEqual({ code: 0, version: '2', header: '2' });
    });
    expect(answers.filter(({ code, version, header }) => code !== 0 || version !== header)).toEqual([]);
    await rig.stop();
    stopped = true;
    await Promise.all(asking);
    // Who asks one that has left is told so by its own library; nobody got half an answer.
    expect(new Set(answers.map(({ code }) => code))).toEqual(new Set([0, 14]));
    expect(answers.filter(({ code }) => code === 0).at(-1)).toEqual({ code: 0, version: '2', header: '2' });
  });

  it('says in one sentence that its port is taken', async () => {
    const second = await PredictorRig.make();
    try {
      await expect(second.start({ PREDICTOR_GRPC_PORT: String(rig.grpcPort) })).rejects.toMatchObject({
        code: 'CONFIGURATION_INVALID',
        detail: `Port ${String(rig.grpcPort)} is in use: end the process that has it, or set PREDICTOR_GRPC_PORT to another port.`,
      });
    } finally {
      await second.end();
    }
  });
});
