import { describe, expect, it } from 'vitest';
import { selecting } from './model-selection.js';

describe('which models are served', () => {
  it.each<[string, string[] | undefined, string[] | undefined, string, Record<string, string> | undefined, boolean]>([
    ['all, when nothing is wished', undefined, undefined, 'iris', {}, true],
    ['a name', ['iris'], undefined, 'iris', {}, true],
    ['not a longer name', ['iris'], undefined, 'iris-2', {}, false],
    ['one of several names', ['wine', 'iris'], undefined, 'iris', {}, true],
    ['a beginning', ['shop-*'], undefined, 'shop-prices', {}, true],
    ['an empty part', ['shop*'], undefined, 'shop', {}, true],
    ['an end', ['*-eu'], undefined, 'prices-eu', {}, true],
    ['parts in order', ['a*b*c'], undefined, 'a-b-b-c', {}, true],
    ['not out of order', ['a*b*c'], undefined, 'a-c-b', {}, false],
    ['letters of patterns elsewhere as they are', ['a.b+(c)'], undefined, 'a.b+(c)', {}, true],
    ['not by them', ['a.b'], undefined, 'axb', {}, false],
    ['none of an empty list', [], undefined, 'iris', {}, false],
    ['a tag', undefined, ['live'], 'iris', { live: '' }, true],
    ['a tag with its value', undefined, ['tier=gold'], 'iris', { tier: 'gold' }, true],
    ['not with another value', undefined, ['tier=gold'], 'iris', { tier: 'silver' }, false],
    ['a value with an equals sign', undefined, ['q=a=b'], 'iris', { q: 'a=b' }, true],
    ['one of several tags', undefined, ['tier=gold', 'live'], 'iris', { live: 'no' }, true],
    ['not without tags', undefined, ['live'], 'iris', {}, false],
    ['no tag that every object has', undefined, ['toString'], 'iris', {}, false],
    ['a name and a tag', ['i*'], ['live'], 'iris', { live: '1' }, true],
    ['not the name alone', ['i*'], ['live'], 'iris', {}, false],
    ['not the tag alone', ['w*'], ['live'], 'iris', { live: '1' }, false],
    ['whose tags are not told, by the name', ['i*'], ['live'], 'iris', undefined, true],
  ])('%s', (_, names, tags, model, has, expected) => {
    expect(selecting({ names, tags })(model, has)).toBe(expected);
  });
});
