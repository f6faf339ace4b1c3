/** A picture of a training: a name for its files, and what it shows in Vega-Lite. */
export interface Plot {
  name: string;
  spec: Readonly<Record<string, unknown>>;
}

/** What all plots have in common. */
export const plot = (name: string, title: string, spec: Readonly<Record<string, unknown>>): Plot => ({
  name,
  spec: {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    title,
    background: 'white',
    padding: 12,
    config: { font: 'DejaVu Sans', view: { stroke: '#ddd' }, axis: { labelLimit: 240 } },
    ...spec,
  },
});

/** At most so many of a list, evenly spread, the first and the last among them. */
export const thinned = <T>(values: readonly T[], most: number): T[] =>
  values.length <= most
    ? [...values]
    : Array.from({ length: most }, (_, at) => values[Math.round((at * (values.length - 1)) / (most - 1))]);
