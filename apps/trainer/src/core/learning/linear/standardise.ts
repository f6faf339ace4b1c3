import { PlatformError } from '#runtime';

/** What is taken off each feature, and what it is then multiplied by: float32, as the graph's Scaler has them. */
export interface Scaling {
  offset: Float32Array;
  scale: Float32Array;
}

/**
 * The mean and the inverse (population) standard deviation of each feature, over the rows that have it; a feature that does not vary is
 * only shifted to 0.
 */
export const scalingOf = (rows: Float32Array, featureCount: number): Scaling => {
  const { sums, missing } = addUp(rows, new Float64Array(featureCount), false);
  const present = missing.map((count) => rows.length / featureCount - count);
  const means = sums.map((sum, feature) => sum / Math.max(1, present[feature]));
  const squares = addUp(rows, means, true).sums;
  const scale = Float32Array.from(squares, (sum, feature) => {
    const inverse = Math.fround(1 / Math.sqrt(sum / present[feature]));
    return Number.isFinite(inverse) && inverse > 0 ? inverse : 1;
  });
  return { offset: Float32Array.from(means), scale };
};

/**
 * The distances from each feature's centre, or their squares, added up over the rows that have it. Four rows at a time: each sum is
 * written once for the four, and only where one of them misses a value are they looked at one by one.
 */
const addUp = (rows: Float32Array, centre: Float64Array, squared: boolean) => {
  const featureCount = centre.length;
  const [sums, missing] = [new Float64Array(featureCount), new Float64Array(featureCount)];
  const addOne = (place: number, feature: number): void => {
    const off = rows[place] - centre[feature];
    if (Number.isNaN(off)) missing[feature]++;
    else sums[feature] += squared ? off * off : off;
  };
  const whole = rows.length - (rows.length % (4 * featureCount));
  for (let start = 0; start < whole; start += 4 * featureCount)
    for (let feature = 0; feature < featureCount; feature++) {
      const place = start + feature;
      const middle = centre[feature];
      const a = rows[place] - middle;
      const b = rows[place + featureCount] - middle;
      const c = rows[place + 2 * featureCount] - middle;
      const d = rows[place + 3 * featureCount] - middle;
      const four = squared ? a * a + b * b + c * c + d * d : a + b + c + d;
      if (four === four) sums[feature] += four;
      else for (let row = 0; row < 4; row++) addOne(place + row * featureCount, feature);
    }
  for (let place = whole; place < rows.length; place++) addOne(place, place % featureCount);
  return { sums, missing };
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
