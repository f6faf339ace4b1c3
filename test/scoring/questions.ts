/** One request to `/invocations`. */
export interface Question {
  name: string;
  /** Absent: none is sent. */
  contentType?: string;
  body: string | Uint8Array;
}

const JSON_TYPE = 'application/json';
const columns = ['sepal length (cm)', 'sepal width (cm)', 'petal length (cm)', 'petal width (cm)'];
const [one, two] = [
  [5.1, 3.5, 1.4, 0.2],
  [6.7, 3.0, 5.2, 2.3],
];
const record = (row: readonly unknown[], names = columns): object =>
  Object.fromEntries(names.map((name, at) => [name, row[at]]));
const byColumn = (rows: readonly (readonly unknown[])[], names = columns): object =>
  Object.fromEntries(names.map((name, at) => [name, rows.map((row) => row[at])]));
const split = (data: readonly unknown[], more: object = { columns }): object => ({
  dataframe_split: { ...more, data },
});
const csv = (...lines: (readonly unknown[])[]): string => lines.map((line) => `${line.join(',')}\n`).join('');

const json = (bodies: Record<string, unknown>): Question[] =>
  Object.entries(bodies).map(([name, body]) => ({ name, contentType: JSON_TYPE, body: JSON.stringify(body) }));
const typed = (bodies: Record<string, [contentType: string | undefined, body: string | Uint8Array]>): Question[] =>
  Object.entries(bodies).map(([name, [contentType, body]]) => ({ name, body, ...(contentType && { contentType }) }));

/** What is asked of every model of the four columns of iris. */
export const ofIris: readonly Question[] = [
  ...json({
    split: split([one, two]),
    'split reordered': split([one.toReversed(), two.toReversed()], { columns: columns.toReversed() }),
    'split with an index': split([one, two], { columns, index: [7, 'x'] }),
    'split with a column more': split([[...one, 'x']], { columns: [...columns, 'more'] }),
    'split without a column': split([one.slice(0, 3)], { columns: columns.slice(0, 3) }),
    'split without columns': split([one, two], {}),
    'split with null': split([[null, ...one.slice(1)]]),
    'split with a short row': split([one, two.slice(0, 3)]),
    'split with a long row': split([[...one, 9]]),
    'split with an unknown part': split([one], { columns, foo: 1 }),
    'split with numbers as text': split([one.map(String)]),
    'split with text': split([['a', ...one.slice(1)]]),
    'split with whole numbers': split([[5, 3, 1, 0]]),
    'split with true': split([[true, 3, 1, 0]]),
    'split of no rows': split([]),
    'split as a list': { dataframe_split: [one] },
    'split with a column twice': split([[...one, 1]], { columns: [...columns, columns[0]] }),
    records: { dataframe_records: [record(one), record(two)] },
    'records with a hole': { dataframe_records: [record(one), record(two.slice(1), columns.slice(1))] },
    'records in another order': { dataframe_records: [record(one.toReversed(), columns.toReversed())] },
    'records with a field more': { dataframe_records: [{ ...record(one), more: 'x' }] },
    'no records': { dataframe_records: [] },
    'records as an object': { dataframe_records: record(one) },
    'instances as rows': { instances: [one, two] },
    'instances as records': { instances: [record(one), record(two)] },
    'instances by column': { instances: byColumn([one, two]) },
    'instances as one row': { instances: one },
    'no instances': { instances: [] },
    'inputs as rows': { inputs: [one, two] },
    'inputs by column': { inputs: byColumn([one, two]) },
    'inputs as one record': { inputs: record(one) },
    'inputs as records': { inputs: [record(one), record(two)] },
    'inputs of unequal columns': {
      inputs: Object.fromEntries(columns.map((name, at) => [name, Array(at + 1).fill(1)])),
    },
    'inputs by the name of the tensor': { inputs: { X: [one, two] } },
    'inputs as a number': { inputs: 5 },
    'inputs as text': { inputs: 'x' },
    'inputs as null': { inputs: null },
    params: { ...split([one]), params: { a: 1 } },
    'params as null': { ...split([one]), params: null },
    'params as a list': { ...split([one]), params: [1] },
    'a key more': { ...split([one]), foo: 1 },
    'two forms': { ...split([one]), inputs: [one] },
    'no form': { data: [one] },
    'a list': [one],
    'a number': 5,
    null: null,
    messages: { messages: [{ role: 'user', content: 'x' }] },
    'many rows': split(Array.from({ length: 300 }, (_, at) => (at % 2 === 0 ? one : two))),
    'a number of 20 digits': split([[12345678901234567890n.toString(), ...one.slice(1)]]),
  }),
  ...typed({
    'bare NaN': [JSON_TYPE, `{"dataframe_split":{"columns":${JSON.stringify(columns)},"data":[[NaN,3.5,1.4,0.2]]}}`],
    'bare Infinity': [
      JSON_TYPE,
      `{"dataframe_split":{"columns":${JSON.stringify(columns)},"data":[[Infinity,3.5,1.4,0.2]]}}`,
    ],
    'broken JSON': [JSON_TYPE, '{"dataframe_split":'],
    nothing: [JSON_TYPE, ''],
    'no UTF-8': [JSON_TYPE, Uint8Array.of(0xff, 0xfe)],
    'a charset': [`${JSON_TYPE}; charset=utf-8`, JSON.stringify(split([one]))],
    'another charset': [`${JSON_TYPE}; charset=latin-1`, JSON.stringify(split([one]))],
    'a format': [`${JSON_TYPE}; format=pandas-split`, JSON.stringify(split([one]))],
    'no content type': [undefined, JSON.stringify(split([one]))],
    'a form': ['application/x-www-form-urlencoded', JSON.stringify(split([one]))],
    XML: ['application/xml', '<a/>'],
    CSV: [
      'text/csv',
      csv(
        columns.map((name) => `"${name}"`),
        one,
        two,
      ),
    ],
    'CSV with an index': ['text/csv', csv(['', ...columns], [0, ...one])],
    'CSV with a gap': ['text/csv', csv(columns, ['', 3.5, 1.4, 0.2])],
    'CSV without a column': ['text/csv', csv(columns.slice(0, 3), [1, 2, 3])],
    'CSV with text': ['text/csv', csv(columns, ['a', 3.5, 1.4, 0.2])],
    'CSV of nothing': ['text/csv', ''],
    'CSV of a head': ['text/csv', csv(columns)],
    'CSV with a long row': ['text/csv', csv(columns, [...one, 9, 9])],
    'CSV with a charset': ['text/csv; charset=utf-8', csv(columns, one)],
  }),
];

const abc = ['a', 'b', 'c'];

/** What is asked of the model whose third column need not be given. */
export const ofOptional: readonly Question[] = json({
  split: split([one.slice(0, 3), two.slice(0, 3)], { columns: abc }),
  'split without the optional column': split([one.slice(0, 2)], { columns: abc.slice(0, 2) }),
  'split with null in the optional column': split([[...one.slice(0, 2), null]], { columns: abc }),
  'split with null in a required column': split([[null, 1, 2]], { columns: abc }),
  'instances as rows': { instances: [one.slice(0, 3), two.slice(0, 3)] },
  'inputs by column': { inputs: byColumn([[1, 2, 3]], abc) },
  records: { dataframe_records: [record(one, abc)] },
  'records without the optional column': { dataframe_records: [record(one, abc.slice(0, 2))] },
});
