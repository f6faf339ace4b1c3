/** Turns each row of `width` scores into probabilities, in place; the greatest is taken off first, so that nothing overflows. */
export const softmaxRows = (scores: Float64Array, width: number): Float64Array => {
  for (let start = 0; start < scores.length; start += width) {
    const row = scores.subarray(start, start + width);
    const greatest = row.reduce((most, score) => Math.max(most, score), -Infinity);
    let sum = 0;
    for (let index = 0; index < width; index++) {
      row[index] = Math.exp(row[index] - greatest);
      sum += row[index];
    }
    for (let index = 0; index < width; index++) row[index] /= sum;
  }
  return scores;
};
