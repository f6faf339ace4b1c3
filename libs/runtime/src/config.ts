import { z } from 'zod';
import { PlatformError } from './platform-error.js';
import { settings, type Settings } from './settings.js';

/** A setting as help texts and docs/configuration.md show it. */
export interface SettingDescription {
  name: string;
  description: string;
  /** As one would write it in the environment; undefined when there is none. */
  byDefault: string | undefined;
  secret: boolean;
}

/** The table of settings in words. */
export const describeSettings = (): SettingDescription[] => {
  const { properties = {} } = z.toJSONSchema(settings, { io: 'input', unrepresentable: 'any' });
  return Object.entries(properties).map(([name, property]) => {
    const {
      description = '',
      default: byDefault,
      secret,
    }: { description?: string; default?: unknown; secret?: unknown } = typeof property === 'boolean' ? {} : property;
    return {
      name,
      description,
      byDefault: byDefault === undefined || typeof byDefault === 'string' ? byDefault : JSON.stringify(byDefault),
      secret: secret === true,
    };
  });
};

/**
 * Reads the environment, here and nowhere else. An empty variable counts as unset.
 * @throws PlatformError CONFIGURATION_INVALID naming every faulty variable at once; values of secrets are never shown.
 */
export const readSettings = (environment: NodeJS.ProcessEnv = process.env): Settings => {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const parsed = settings.safeParse(given);
  const faults = [
    ...(parsed.error?.issues ?? []).map((issue) => `${issue.path.join('.')}: ${issue.message}`),
    ...crossFaults(given),
  ];
  if (!parsed.success || faults.length > 0)
    throw new PlatformError('CONFIGURATION_INVALID', `Mend these settings: ${faults.join('; ')}.`);
  return Object.freeze(parsed.data);
};

/** Faults between settings, looked for in what was given, so that they are told together with those of single settings. */
const crossFaults = (given: NodeJS.ProcessEnv): string[] =>
  given.S3_ENDPOINT !== undefined && (given.S3_ACCESS_KEY === undefined || given.S3_SECRET_KEY === undefined)
    ? ['S3_ENDPOINT needs S3_ACCESS_KEY and S3_SECRET_KEY']
    : [];

/** @throws PlatformError CONFIGURATION_INVALID with what to do when the setting is unset. */
export const required = <K extends keyof Settings>(given: Settings, name: K): NonNullable<Settings[K]> => {
  const value = given[name];
  if (value === undefined)
    throw new PlatformError(
      'CONFIGURATION_INVALID',
      `Set ${name}, or run \`npm start\`, which brings all that is needed.`,
    );
  return value;
};
