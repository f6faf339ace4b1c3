import { isMissing } from '#contracts';
import { firstTwice, invalid, type ScoringRequest } from './scoring-input.js';

/** A data frame out of the records of a CSV file, the first of which names the columns. Cells stay texts. */
export const csvFrame = (records: readonly (readonly string[])[]): ScoringRequest => {
  const [names, ...rows] = records;
  if (records.length === 0)
    throw invalid('The CSV is empty; its first line names the columns, each further one is a row.');
  const twice = firstTwice(names);
  if (twice !== undefined) throw invalid(`The CSV names the column "${twice}" twice.`);
  const cells = rows.map((row, at) => {
    if (row.length !== names.length)
      throw invalid(
        `The CSV's row ${String(at)} has ${String(row.length)} cells; the first line names ${String(names.length)} columns.`,
      );
    return row.map((cell) => (isMissing(cell) ? null : cell));
  });
  return { input: { form: 'table', names, rows: cells }, isFrame: true };
};
