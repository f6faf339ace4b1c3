import { createHash } from 'node:crypto';

/** Smaller files come and go in a moment: to hold them back would only make promotions slower. */
const WORTH_STAGGERING_BYTES = 16 * 1024 * 1024;

/** What a store is taken to send to all replicas together; a fleet spreads over the time that one file takes at this rate. */
const STORE_BYTES_PER_MS = 50_000;

const LONGEST_MS = 30_000;

/** This replica's place in the fleet for one thing, from 0 up to 1: the same at each call, another at each replica. */
export const placeInFleet = (predictorId: string, thing: string): number =>
  createHash('sha256').update(`${predictorId}\n${thing}`).digest().readUInt32BE(0) / 2 ** 32;

/**
 * How long a replica waits before it fetches a file that all replicas were told to fetch in the same moment. Nothing is held back
 * where nothing serves yet (`urgent`).
 */
export const staggerMs = (sizeBytes: number, place: number, urgent: boolean): number =>
  urgent || sizeBytes < WORTH_STAGGERING_BYTES
    ? 0
    : Math.round(place * Math.min(sizeBytes / STORE_BYTES_PER_MS, LONGEST_MS));
