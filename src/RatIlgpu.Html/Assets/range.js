// @ts-check
// The ends of a range of any number of numbers.

/**
 * Returns the smallest of numbers and of a limit. Math.min takes no more of them than the stack holds arguments, some
 * 100,000.
 * @param {number[] | Float32Array | Uint16Array} numbers
 */
const lowestOf = (numbers, limit = Infinity) => numbers.reduce((a, b) => Math.min(a, b), limit);

/**
 * Returns the largest of numbers and of a limit.
 * @param {number[] | Float32Array | Uint16Array} numbers
 */
const highestOf = (numbers, limit = -Infinity) => numbers.reduce((a, b) => Math.max(a, b), limit);
