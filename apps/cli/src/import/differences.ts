/** One field in which the two sides differ. */
export interface Difference {
  what: string;
  field: string;
  there: unknown;
  here: unknown;
}

/** What is made of each side before it is compared: fields by name; absent is undefined. */
export type Facts = Record<string, unknown>;

/** Compares two sets of facts about the same thing; a thing that one side lacks is one difference. */
export const differencesOf = (what: string, there: Facts | undefined, here: Facts | undefined): Difference[] => {
  if (there === undefined || here === undefined)
    return there === here ? [] : [{ what, field: '', there: there && 'is there', here: here && 'is here' }];
  return [...new Set([...Object.keys(there), ...Object.keys(here)])]
    .filter((field) => JSON.stringify(there[field]) !== JSON.stringify(here[field]))
    .map((field) => ({ what, field, there: there[field], here: here[field] }));
};
