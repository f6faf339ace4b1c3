import { expect, it } from 'vitest';
import { EventStream, type StreamMessage } from './event-stream.js';

const read = (...pieces: string[]): StreamMessage[] => {
  const messages: StreamMessage[] = [];
  const stream = new EventStream((message) => messages.push(message));
  for (const piece of pieces) stream.feed(piece);
  return messages;
};

const text = ': hello\n\nid: 7\nevent: model.promoted\ndata: {"a":\ndata: 1}\n\ndata:x\n\n';
const expected = [
  { id: '7', event: 'model.promoted', data: '{"a":\n1}' },
  { id: '7', event: undefined, data: 'x' },
];

it('reads ids, events, data of several lines, and skips comments', () => {
  expect(read(text)).toEqual(expected);
});

it.each([1, 2, 3])('reads the same in pieces of %i characters, whatever ends the lines', (size) => {
  for (const end of ['\n', '\r\n', '\r']) {
    const pieces = text.replaceAll('\n', end).match(new RegExp(`[^]{1,${String(size)}}`, 'g')) ?? [];
    expect(read(...pieces, ': end')).toEqual(expected);
  }
});

it('gives no message before its blank line has come', () => {
  expect(read('data: x\n')).toEqual([]);
});
