import { describe, expect, it } from 'vitest';
import { checkedAlias, checkedModelName, checkedNewAlias, checkedStage } from './model-names.js';
import { checkedRegistryTag } from './registry-names.js';

describe('names in the registry', () => {
  it.each(['Iris', 'a b', "it's", 'ünïcode ✓', 'a\\b', 'a..b', 'x'.repeat(256)])('takes the model name %s', (name) => {
    expect(checkedModelName(name)).toBe(name);
  });

  it.each([
    ['', "Missing value for required parameter 'name'."],
    ['  ', "Missing value for required parameter 'name'."],
    ['a/b', "Invalid model name 'a/b'. Names cannot contain '/' or ':'."],
    ['a:b', "Invalid model name 'a:b'. Names cannot contain '/' or ':'."],
    ['..', "This name would resolve to '..'"],
    ['.', "This name would resolve to '.'"],
    ['a\u0000b', 'control characters'],
    ['x'.repeat(257), 'at most 256 characters'],
  ])('refuses the model name %j', (name, words) => {
    expect(() => checkedModelName(name)).toThrow(words);
  });

  it.each(['best', 'v1x', 'Ä_1-b', 'x'.repeat(255)])('takes the alias %s', (alias) => {
    expect(checkedNewAlias(alias)).toBe(alias);
  });

  it.each([
    ['a b', "Invalid alias name: 'a b'. Names may only contain alphanumerics, underscores (_), and dashes (-)."],
    ['x'.repeat(256), "'Registered model alias name' exceeds the maximum length of 255 characters"],
    ['LaTest', "'latest' alias name (case insensitive) is reserved."],
    ['V12', "Version alias name 'V12' is reserved."],
  ])('refuses the alias %s', (alias, words) => {
    expect(() => checkedNewAlias(alias)).toThrow(words);
  });

  it('lets reserved aliases be asked for, and stages in any case', () => {
    expect(checkedAlias('latest')).toBe('latest');
    expect(checkedStage('pRoduction')).toBe('Production');
    expect(() => checkedStage('x')).toThrow('Value must be one of None, Staging, Production, Archived.');
  });

  it.each([
    ['a#', 'v', 'Names may only contain alphanumerics'],
    ['../x', 'v', "This name would resolve to '../x'"],
    ['a//b', 'v', "This name would resolve to 'a/b'"],
    ['a/../b', 'v', "This name would resolve to 'b'"],
    ['/a', 'v', "This name would resolve to '/a'"],
    ['x'.repeat(251), 'v', "'key' exceeds the maximum length of 250 characters"],
    ['k', 'v'.repeat(100_001), "'value' exceeds the maximum length of 100000 characters"],
    ['mlflow.prompt.text', 'v'.repeat(100_001), 'Prompt text exceeds max length of 100000 characters.'],
  ])('refuses the tag %s', (key, value, words) => {
    expect(() => checkedRegistryTag({ key, value })).toThrow(words);
  });
});
