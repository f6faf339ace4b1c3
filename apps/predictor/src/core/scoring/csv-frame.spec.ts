import { describe, expect, it } from 'vitest';
import { csvFrame } from './csv-frame.js';

describe('a frame out of CSV', () => {
  it('keeps cells as texts, and knows what pandas takes for missing', () => {
    expect(
      csvFrame([
        ['a', 'b'],
        ['1', 'NA'],
        ['', 'x'],
      ]),
    ).toEqual({
      input: {
        form: 'table',
        names: ['a', 'b'],
        rows: [
          ['1', null],
          [null, 'x'],
        ],
      },
      isFrame: true,
    });
  });

  it('finds a column named twice among so many that comparing each with each would take hours', () => {
    const names = Array.from({ length: 1_000_000 }, (_, at) => `c${String(at)}`);
    expect(() => csvFrame([[...names, 'c7']])).toThrow('The CSV names the column "c7" twice.');
    expect(csvFrame([names]).input).toMatchObject({ form: 'table', rows: [] });
  });
});
