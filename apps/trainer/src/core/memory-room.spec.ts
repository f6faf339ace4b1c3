import { describe, expect, it } from 'vitest';
import { MemoryRoom } from './memory-room.js';

describe('the memory of a trainer', () => {
  it('is shared by its jobs', () => {
    const room = new MemoryRoom(10);
    expect(room.freeBytes).toBeUndefined();
    expect(room.enter('a', 6)).toBe(true);
    expect(room.freeBytes).toBe(4);
    expect(room.enter('b', 5)).toBe(false);
    expect(room.freeBytes).toBe(4);
    expect(room.enter('b', 4)).toBe(true);
    room.leave('a');
    expect(room.freeBytes).toBe(6);
  });

  it('takes a job that is larger than all of it alone', () => {
    const room = new MemoryRoom(10);
    expect(room.enter('large', 50)).toBe(true);
    expect(room.freeBytes).toBe(0);
    expect(room.enter('small', 1)).toBe(false);
    room.leave('large');
    expect(room.enter('small', 1)).toBe(true);
    expect(room.enter('large', 50)).toBe(false);
  });

  it('counts a job by what it says last', () => {
    const room = new MemoryRoom(10);
    room.enter('a', 0);
    room.enter('b', 3);
    expect(room.enter('a', 8)).toBe(false);
    expect(room.enter('a', 7)).toBe(true);
    expect(room.freeBytes).toBe(0);
  });

  it('is no limit unless one is set', () => {
    const room = new MemoryRoom();
    room.enter('a', 1e12);
    expect(room.freeBytes).toBeUndefined();
    expect(room.enter('b', 1e12)).toBe(true);
  });
});
