import { PlatformError } from '#runtime';

/** What is taken off each feature, and what it is then multiplied by: float32, as the graph's Scaler has them. */
export interface Scaling {
  offset: Float32Array;
  scale: Float32Array;
}

/** The mean and the inverse (population) standard deviation of each feature; a feature that does not vary is only shifted to 0. */
export const scalingOf = (rows: Float32Array, featureCount: number): Scaling => {
  const rowCount = rows.length / featureCount;
  const offset = new Float32Array(featureCount);
  const scale = new Float32Array(featureCount);
  for (let feature = 0; feature < featureCount; feature++) {
    let sum = 0;
    for (let place = feature; place < rows.length; place += featureCount) sum += rows[place];
    const mean = sum / rowCount;
    let squares = 0;
    for (let place = feature; place < rows.length; place += featureCount) squares += (rows[place] - mean) ** 2;
    const inverse = Math.fround(1 / Math.sqrt(squares / rowCount));
    offset[feature] = mean;
    scale[feature] = Number.isFinite(inverse) && inverse > 0 ? inverse : 1;
  }
  return { offset, scale };
};

/**
 * Scales rows in float32 operations, exactly as the graph does.
 * @throws PlatformError DATASET_INVALID when a value overflows on the way.
 */
export const scaleRows = (rows: Float32Array, { offset, scale }: Scaling): Float32Array => {
  const scaled = new Float32Array(rows.length);
  for (let place = 0; place < rows.length; place++) {
    const feature = place % offset.length;
    scaled[place] = Math.fround(rows[place] - offset[feature]) * scale[feature];
  }
  if (!scaled.every(Number.isFinite))
    throw new PlatformError('DATASET_INVALID', 'A feature spreads too widely for float32; scale it down.');
  return scaled;
};
