import { InvalidArgumentError } from 'commander';
import { CliError } from '../cli-error.js';

/** `k=v`, repeated: collects into an object. Values that read as JSON numbers, booleans or null are those. */
export const keyValue = (text: string, before: Record<string, unknown> = {}): Record<string, unknown> => {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('Write it as name=value.');
  return { ...before, [text.slice(0, at)]: valueOf(text.slice(at + 1)) };
};

/** As `keyValue`, but every value stays text. */
export const keyText = (text: string, before: Record<string, string> = {}): Record<string, string> => {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('Write it as name=value.');
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
};

/**
 * What was written after the known flags, as parameters of the recipe: `--n-estimators 100`, `--n-estimators=100` or, for
 * true, `--bootstrap`. A misspelt flag ends here as well; the trainer then says that the recipe has no such parameter.
 */
export const parametersOf = (args: readonly string[]): Record<string, unknown> => {
  const parameters: Record<string, unknown> = {};
  for (let at = 0; at < args.length; at += 1) {
    const [, name, value] = /^--([A-Za-z][\w-]*)(?:=(.*))?$/s.exec(args[at]) ?? [];
    if ((name as string | undefined) === undefined)
      throw new CliError(`"${args[at]}" is neither a flag nor a parameter; write parameters as --n-estimators 100.`, 2);
    const isAlone = at + 1 === args.length || args[at + 1].startsWith('--');
    const text = (value as string | undefined) ?? (isAlone ? 'true' : args[(at += 1)]);
    parameters[name.replaceAll('-', '_')] = valueOf(text);
  }
  return parameters;
};

const valueOf = (text: string): unknown => {
  if (text === 'true') return true;
  if (text === 'false') return false;
  if (text === 'null') return null;
  if (/^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/.test(text)) return Number(text);
  return text;
};

export const version = (text: string): number => {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('A version is a whole number from 1.');
  return Number(text);
};

export const finite = (text: string): number => {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('This must be a number.');
  return value;
};
