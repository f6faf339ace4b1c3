/** Numbers in float32, as the exported graph sees them; NaN where there is none. */
export interface NumberColumn {
  kind: 'number';
  name: string;
  values: Float32Array;
}

/** Texts, each by its position in `categories`; -1 where there is none. */
export interface CategoryColumn {
  kind: 'category';
  name: string;
  codes: Int32Array;
  categories: readonly string[];
}

export type Column = NumberColumn | CategoryColumn;

/** What a request may say of a column where its cells do not. */
export type ColumnKind = Column['kind'];

/** In some of these rows; in any row when absent. */
export const hasMissing = (column: Column, rows?: Int32Array): boolean => {
  if (column.kind === 'number')
    return rows === undefined ? column.values.some(Number.isNaN) : rows.some((row) => Number.isNaN(column.values[row]));
  return rows === undefined ? column.codes.some((code) => code < 0) : rows.some((row) => column.codes[row] < 0);
};
