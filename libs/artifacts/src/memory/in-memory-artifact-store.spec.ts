import { expect, it } from 'vitest';
import { artifactStoreBehaviour } from '../artifact-store.behaviour.js';
import { InMemoryArtifactStore } from './in-memory-artifact-store.js';

artifactStoreBehaviour('InMemoryArtifactStore', () =>
  Promise.resolve({ store: new InMemoryArtifactStore(), close: () => Promise.resolve() }),
);

it('is away when told to be', async () => {
  const store = new InMemoryArtifactStore();
  store.away = true;
  await expect(store.get('a')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  await expect(store.put('a', new Uint8Array())).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  expect(await store.healthy()).toBe(false);
});
