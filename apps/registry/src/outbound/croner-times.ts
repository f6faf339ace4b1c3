import { Cron } from 'croner';
import { messageOf, PlatformError } from '#runtime';
import { CronTimes } from '../core/schedules.js';

/** Cron expressions as croner reads them: a time that the clocks skip is taken at once after, one that comes twice counts once. */
export class CronerTimes extends CronTimes {
  next(cron: string, timeZone: string, after: Date): Date | null {
    // Croner takes a moment, and words such as @daily, too; here an expression is fields and nothing else.
    const fields = cron.trim().split(/\s+/).length;
    if (fields < 5 || fields > 6)
      throw new PlatformError(
        'REQUEST_INVALID',
        `cron: "${cron}" must have five fields (minute, hour, day of month, month, day of week), or six with seconds first.`,
      );
    if (!isTimeZone(timeZone))
      throw new PlatformError(
        'REQUEST_INVALID',
        `timeZone: "${timeZone}" is no time zone; write it as Europe/Berlin or UTC.`,
      );
    try {
      return new Cron(cron, { timezone: timeZone, paused: true }).nextRun(after);
    } catch (error) {
      throw new PlatformError('REQUEST_INVALID', `cron: "${cron}" cannot be read: ${messageOf(error)}`, error);
    }
  }
}

const isTimeZone = (name: string): boolean => {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
};
