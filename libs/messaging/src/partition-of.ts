/**
 * Which partition a key belongs to, for the adapters that are not Kafka: FNV-1a over the UTF-8 bytes. Must never change:
 * a key that moves to another partition loses its order.
 */
export const partitionOf = (key: string, partitions: number): number => {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(key)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash % partitions;
};
