import type { ColumnSpec, ModelSignature, TensorSpec } from '#contracts';

/**
 * What a client of `before` would trip over with `after`, as a sentence; undefined when nothing. Where both name columns
 * these are compared: names, order, types and which are required, whatever the tensors are called; of the outputs, how many
 * there are and of which datatype. Without columns it is datatypes and shapes, in order, on both sides.
 */
export const signatureChange = (before: ModelSignature, after: ModelSignature): string | undefined => {
  if (before.columns !== undefined) {
    if (after.columns === undefined) return 'it names no columns';
    return (
      columnsChange(before.columns, after.columns) ?? tensorsChange('output', before.outputs, after.outputs, false)
    );
  }
  return (
    tensorsChange('input', before.inputs, after.inputs, true) ??
    tensorsChange('output', before.outputs, after.outputs, true)
  );
};

const columnsChange = (before: readonly ColumnSpec[], after: readonly ColumnSpec[]): string | undefined => {
  const names = (columns: readonly ColumnSpec[]) => new Set(columns.map(({ name }) => name));
  const [old, now] = [names(before), names(after)];
  const gone = before.find(({ name }) => !now.has(name));
  if (gone !== undefined) return `column "${gone.name}" is gone`;
  const added = after.find(({ name }) => !old.has(name));
  if (added !== undefined) return `column "${added.name}" is new`;
  if (before.length !== after.length) return 'its columns are others';
  for (const [at, column] of before.entries()) {
    const other = after[at];
    if (other.name !== column.name) return `column ${String(at + 1)} is "${other.name}" instead of "${column.name}"`;
    if (other.type !== column.type) return `column "${column.name}" is ${other.type} instead of ${column.type}`;
    if (other.required !== column.required)
      return `column "${column.name}" is ${other.required ? 'required now' : 'no longer required'}`;
  }
  return undefined;
};

const tensorsChange = (
  side: string,
  before: readonly TensorSpec[],
  after: readonly TensorSpec[],
  withShapes: boolean,
): string | undefined => {
  if (before.length !== after.length)
    return `it has ${String(after.length)} ${side}s instead of ${String(before.length)}`;
  const told = ({ datatype, shape }: TensorSpec) => (withShapes ? `${datatype} [${shape.join(', ')}]` : datatype);
  const at = before.findIndex((tensor, index) => told(tensor) !== told(after[index]));
  return at === -1 ? undefined : `${side} ${String(at + 1)} is ${told(after[at])} instead of ${told(before[at])}`;
};
