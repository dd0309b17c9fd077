// @ts-check
// Numbers that add or take away.

/**
 * Returns a number with its sign.
 * @param {number} value
 */
const signed = (value) => (value > 0 ? '+' : '')
  + (value !== 0 && Math.abs(value) < 5e-5 ? value.toExponential(1) : value.toFixed(4));
