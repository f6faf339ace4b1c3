import { PlatformError } from '#runtime';

/** What is taken off each feature, and what it is then multiplied by: float32, as the graph's Scaler has them. */
export interface Scaling {
  offset: Float32Array;
  scale: Float32Array;
  /** Some row misses a value; it counts as the mean of its feature. */
  imputes: boolean;
}

/**
 * The mean and the inverse (population) standard deviation of each feature, over the rows that have it; a feature that does not vary is
 * only shifted to 0.
 */
export const scalingOf = (rows: Float32Array, featureCount: number): Scaling => {
  const offset = new Float32Array(featureCount);
  const scale = new Float32Array(featureCount);
  let imputes = false;
  for (let feature = 0; feature < featureCount; feature++) {
    let sum = 0;
    let present = 0;
    for (let place = feature; place < rows.length; place += featureCount) {
      const value = rows[place];
      if (Number.isNaN(value)) continue;
      sum += value;
      present++;
    }
    if (present * featureCount < rows.length) imputes = true;
    const mean = present === 0 ? 0 : sum / present;
    let squares = 0;
    for (let place = feature; place < rows.length; place += featureCount) {
      const value = rows[place];
      if (!Number.isNaN(value)) squares += (value - mean) ** 2;
    }
    const inverse = Math.fround(1 / Math.sqrt(squares / present));
    offset[feature] = mean;
    scale[feature] = Number.isFinite(inverse) && inverse > 0 ? inverse : 1;
  }
  return { offset, scale, imputes };
};

/**
 * Scales rows in float32 operations, exactly as the graph does; a missing value becomes 0, which the mean becomes, too.
 * @throws PlatformError DATASET_INVALID when a value overflows on the way.
 */
export const scaleRows = (rows: Float32Array, { offset, scale }: Scaling): Float32Array => {
  const scaled = new Float32Array(rows.length);
  const featureCount = offset.length;
  let sum = 0;
  for (let start = 0; start < rows.length; start += featureCount)
    for (let feature = 0; feature < featureCount; feature++) {
      const value = rows[start + feature];
      const moved = Math.fround(Math.fround(value - offset[feature]) * scale[feature]);
      scaled[start + feature] = value === value ? moved : 0;
      // Infinity and NaN stay in a sum of products with 0.
      sum += 0 * scaled[start + feature];
    }
  if (Number.isNaN(sum))
    throw new PlatformError('DATASET_INVALID', 'A feature spreads too widely for float32; scale it down.');
  return scaled;
};
