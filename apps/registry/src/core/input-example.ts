import { inputExample, storable, type InputExample } from '#contracts';
import { z } from 'zod';

/** It travels with every promotion: a few rows of a table are a help, a picture is a burden. */
export const EXAMPLE_LIMIT_BYTES = 16 * 1024;

/** Where the MLmodel file says that the example lies, in the form in which it is sent to a server. */
export const exampleInfo = z.object({ serving_input_path: z.string().optional() }).nullish().catch(undefined);

/** Parameters are for the flavors of Python; a graph takes none. */
const servingInput = inputExample.transform(({ params: _, ...example }) => example).superRefine(storable);

/** Reads `serving_input_example.json`; undefined when it holds none. Python writes a missing number as NaN, which is null here. */
export const exampleIn = (text: string): InputExample | undefined => {
  try {
    const read = servingInput.safeParse(
      JSON.parse(text.replace(STRING_OR_NAN, (word) => (word === 'NaN' ? 'null' : word))),
    );
    return read.success && Object.keys(read.data).length > 0 ? read.data : undefined;
  } catch {
    return undefined;
  }
};

/** Strings are matched to be passed over: the word may stand in them. */
const STRING_OR_NAN = /"[^"\\]*(?:\\.[^"\\]*)*"|\bNaN\b/g;
