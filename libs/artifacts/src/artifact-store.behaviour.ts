import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ArtifactStore } from './artifact-store.js';

const bytes = (text: string): Buffer => Buffer.from(text);
const failing = (code: string): Error => expect.objectContaining({ code }) as Error;
const sha256 = (data: Uint8Array): string => createHash('sha256').update(data).digest('hex');

/** The promises of the port. Every adapter runs this over an empty store of its own. */
export const artifactStoreBehaviour = (
  name: string,
  open: () => Promise<{ store: ArtifactStore; close: () => Promise<void> }>,
): void => {
  describe(`${name} keeps the promises of ArtifactStore`, () => {
    let store: ArtifactStore;
    let close: () => Promise<void>;
    const read = async (key: string): Promise<Buffer> => buffer((await store.get(key)).body);

    beforeAll(async () => {
      ({ store, close } = await open());
    });
    afterAll(() => close());

    it('gives back the bytes that were put, with size and digest', async () => {
      const data = randomBytes(100_000);
      expect(await store.put('round/trip.bin', data)).toEqual({ sizeBytes: 100_000, sha256: sha256(data) });
      const { body, sizeBytes } = await store.get('round/trip.bin');
      expect(sizeBytes).toBe(100_000);
      expect((await buffer(body)).equals(data)).toBe(true);
      expect(await store.stat('round/trip.bin')).toEqual({ sizeBytes: 100_000 });
    });

    it("gives chunks that are the reader's own", async () => {
      await store.put('own/chunks.bin', bytes('abcdef'.repeat(20_000)));
      for await (const chunk of (await store.get('own/chunks.bin')).body) (chunk as Uint8Array).fill(0);
      expect((await read('own/chunks.bin')).toString()).toBe('abcdef'.repeat(20_000));
    });

    it('takes an empty object', async () => {
      expect(await store.put('empty', new Uint8Array())).toEqual({ sizeBytes: 0, sha256: sha256(bytes('')) });
      expect((await read('empty')).length).toBe(0);
      expect(await store.stat('empty')).toEqual({ sizeBytes: 0 });
    });

    it('takes a view into a larger buffer as the view', async () => {
      await store.put('view', bytes('abcdef').subarray(2, 4));
      expect((await read('view')).toString()).toBe('cd');
    });

    it('takes a stream of unknown size, larger than one part of an upload', async () => {
      const parts = Array.from({ length: 40 }, () => randomBytes(1_000_000));
      const whole = Buffer.concat(parts);
      expect(await store.put('large/stream', Readable.from(parts))).toEqual({
        sizeBytes: whole.length,
        sha256: sha256(whole),
      });
      expect((await read('large/stream')).equals(whole)).toBe(true);
      expect(await store.put('large/stream', Readable.from(parts), whole.length)).toMatchObject({
        sha256: sha256(whole),
      });
    });

    it('replaces an object', async () => {
      await store.put('replaced', bytes('old and longer'));
      await store.put('replaced', bytes('new'));
      expect((await read('replaced')).toString()).toBe('new');
    });

    it('receives a stream of known or unknown size, without a digest', async () => {
      const parts = Array.from({ length: 33 }, () => randomBytes(600_000));
      const whole = Buffer.concat(parts);
      for (const size of [whole.length, undefined]) {
        expect(await store.receive('received', Readable.from(parts), size)).toMatchObject({ sizeBytes: whole.length });
        expect((await read('received')).equals(whole)).toBe(true);
      }
      expect(await store.receive('received', Readable.from([]), 0)).toMatchObject({ sizeBytes: 0 });
      expect(await store.stat('received')).toEqual({ sizeBytes: 0 });
    });

    it('gives a part of an object, by its first and last byte', async () => {
      await store.put('ranged', bytes('0123456789'));
      for (const [start, end, expected] of [
        [0, 0, '0'],
        [0, 9, '0123456789'],
        [3, 5, '345'],
        [9, 9, '9'],
      ] as const) {
        const { body, sizeBytes } = await store.get('ranged', { start, end });
        expect([(await buffer(body)).toString(), sizeBytes]).toEqual([expected, expected.length]);
      }
    });

    it('keeps the old object when the new one does not arrive whole', async () => {
      const brokenOff = (size: number): Readable =>
        Readable.from(
          (function* () {
            yield randomBytes(size);
            throw new Error('the client hung up');
          })(),
        );
      await store.put('kept', bytes('old'));
      await expect(store.put('kept', brokenOff(10))).rejects.toThrow('the client hung up');
      await expect(store.put('kept', brokenOff(40_000_000))).rejects.toThrow('the client hung up');
      await expect(store.put('kept', Readable.from([bytes('ne')]), 3)).rejects.toThrow(failing('REQUEST_INVALID'));
      await expect(store.put('kept', Readable.from([bytes('new!')]), 3)).rejects.toThrow(failing('REQUEST_INVALID'));
      await expect(store.receive('kept', brokenOff(10), 11)).rejects.toThrow('the client hung up');
      await expect(store.receive('kept', brokenOff(40_000_000), 50_000_000)).rejects.toThrow('the client hung up');
      await expect(store.receive('kept', Readable.from([randomBytes(2_000_000)]), 2_000_001)).rejects.toThrow(
        failing('REQUEST_INVALID'),
      );
      await expect(store.receive('kept', Readable.from([randomBytes(2_000_000)]), 1_999_999)).rejects.toThrow(
        failing('REQUEST_INVALID'),
      );
      expect((await read('kept')).equals(bytes('old'))).toBe(true);
      expect(await store.list('')).not.toContainEqual(expect.objectContaining({ key: '.staging' }));
    });

    it('putNew never replaces, not even when many race', async () => {
      expect(await store.putNew('new/once', bytes('first'))).toEqual({ sizeBytes: 5, sha256: sha256(bytes('first')) });
      await expect(store.putNew('new/once', bytes('second'))).rejects.toThrow(failing('ARTIFACT_EXISTS'));
      expect((await read('new/once')).toString()).toBe('first');
      const texts = ['a', 'b', 'c', 'd', 'e', 'f'];
      for (const round of ['1', '2', '3', '4']) {
        const key = `new/raced-${round}`;
        // So that all have a connection open, and none is ahead of the others.
        await Promise.all(texts.map(() => store.stat(key)));
        const racers = texts.map((text) =>
          store.putNew(key, bytes(text)).then(
            () => text,
            (error: unknown) => {
              expect(error).toMatchObject({ code: 'ARTIFACT_EXISTS' });
              return undefined;
            },
          ),
        );
        const winners = (await Promise.all(racers)).filter((text) => text !== undefined);
        expect(winners).toHaveLength(1);
        expect((await read(key)).toString()).toBe(winners[0]);
      }
    });

    it('says when there is nothing', async () => {
      await expect(store.get('no/such')).rejects.toThrow(failing('ARTIFACT_NOT_FOUND'));
      expect(await store.stat('no/such')).toBeUndefined();
      expect(await store.list('no/such')).toEqual([]);
      await expect(store.remove('no/such')).resolves.toBeUndefined();
    });

    it('a folder is no object', async () => {
      await store.put('folder/file', bytes('x'));
      await expect(store.get('folder')).rejects.toThrow(failing('ARTIFACT_NOT_FOUND'));
      expect(await store.stat('folder')).toBeUndefined();
      expect(await store.list('folder/file')).toEqual([]);
    });

    it('refuses an object in the place of a folder or below an object, or keeps both', async () => {
      await store.put('either/folder/file', bytes('x'));
      expect(await store.stat('either/folder/file/below')).toBeUndefined();
      await expect(store.get('either/folder/file/below')).rejects.toThrow(failing('ARTIFACT_NOT_FOUND'));
      for (const key of ['either/folder', 'either/folder/file/below', 'either/folder/file/far/below'])
        for (const put of [
          () => store.put(key, bytes('y')),
          () => store.receive(key, Readable.from([bytes('y')]), 1),
          () => store.receive(key, Readable.from([bytes('y')])),
        ]) {
          const said = await put().catch((error: unknown) => error);
          if (said instanceof Error)
            expect(said).toMatchObject({
              code: 'CONFLICT',
              detail: 'An artifact can not be both a file and a folder.',
            });
          else await store.remove(key);
          // Where both can be, what lay below the name went with it.
          await store.put('either/folder/file', bytes('x'));
        }
    });

    it('lists direct children in order, folders without a size', async () => {
      for (const key of ['list/b.txt', 'list/a/deep/x', 'list/a/y', 'list/a.txt', 'list-not/z'])
        await store.put(key, bytes(key));
      expect(await store.list('list')).toEqual([
        { key: 'list/a', isDirectory: true },
        { key: 'list/a.txt', isDirectory: false, sizeBytes: 10 },
        { key: 'list/b.txt', isDirectory: false, sizeBytes: 10 },
      ]);
      expect(await store.list('list/a')).toEqual([
        { key: 'list/a/deep', isDirectory: true },
        { key: 'list/a/y', isDirectory: false, sizeBytes: 8 },
      ]);
      const root = await store.list('');
      expect(root).toContainEqual({ key: 'list', isDirectory: true });
      expect(root).toContainEqual({ key: 'list-not', isDirectory: true });
    });

    it('lists more children than a page holds', async () => {
      const keys = Array.from({ length: 1050 }, (_, i) => `many/${String(i).padStart(4, '0')}`);
      for (let i = 0; i < keys.length; i += 50)
        await Promise.all(keys.slice(i, i + 50).map((key) => store.put(key, bytes(key))));
      expect((await store.list('many')).map(({ key }) => key)).toEqual(keys);
      await store.remove('many');
      expect(await store.list('many')).toEqual([]);
    });

    it.each([
      'sp ace',
      'plus+',
      '100%',
      '%2e%2e',
      'ümlaut',
      '日本',
      "q'uote",
      '<&>',
      'a=b&c',
      '007',
      '1e3',
      '~',
      ';,?',
      '..x',
    ])('takes the name %j as it is', async (odd) => {
      const key = `odd/${odd}/${odd}`;
      await store.put(key, bytes(odd));
      expect((await read(key)).toString()).toBe(odd);
      expect(await store.list(`odd/${odd}`)).toEqual([{ key, isDirectory: false, sizeBytes: bytes(odd).length }]);
      expect(await store.list('odd')).toContainEqual({ key: `odd/${odd}`, isDirectory: true });
      await store.remove(key);
      expect(await store.stat(key)).toBeUndefined();
    });

    it('removes an object, or all below a folder, and nothing beside it', async () => {
      for (const key of ['gone/a', 'gone/b/c', 'gone-not/a', 'gone.txt']) await store.put(key, bytes('x'));
      await store.remove('gone');
      expect(await store.list('gone')).toEqual([]);
      expect(await store.stat('gone-not/a')).toEqual({ sizeBytes: 1 });
      await store.remove('gone.txt');
      expect(await store.stat('gone.txt')).toBeUndefined();
    });

    it('a folder whose last object went is gone', async () => {
      await store.put('alone/in/here', bytes('x'));
      await store.remove('alone/in/here');
      expect((await store.list('')).map(({ key }) => key)).not.toContain('alone');
    });

    it.each(['', '/etc/passwd', '../x', 'a/../../x', 'a\\..\\x', 'a\u0000', 'a//b', './a', 'a#b'])(
      'refuses the key %j everywhere',
      async (key) => {
        const refused = failing('REQUEST_INVALID');
        await expect(store.put(key, bytes('x'))).rejects.toThrow(refused);
        await expect(store.putNew(key, bytes('x'))).rejects.toThrow(refused);
        await expect(store.get(key)).rejects.toThrow(refused);
        await expect(store.stat(key)).rejects.toThrow(refused);
        await expect(store.remove(key)).rejects.toThrow(refused);
        if (key !== '') await expect(store.list(key)).rejects.toThrow(refused);
      },
    );

    it('is healthy', async () => {
      expect(await store.healthy()).toBe(true);
    });
  });
};
