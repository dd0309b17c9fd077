// @ts-check
// The numbers of the page of a study: a plan with all means, and those of each sample, decoded when it is shown.

/**
 * @typedef {[mean: number | null, spread: number | null, count: number]} Spread
 * @typedef {{ name: string, words: string, kind: string, heads: string[], layer: number, projection: Spread[],
 *   cosine: Spread[], divergence: Spread, changed: Spread }} Condition `words` is the name in full; the
 *   outputs are of its layer and of all after it
 * @typedef {{ at: number[], position: number | null, first: number, values: string[], patterns: string[],
 *   kept: [pattern: number, variation: number][][] }} Sample
 * @typedef {{ projection: Float32Array[], cosine: Float32Array[], divergence: Float32Array,
 *   predictions: Uint32Array }} Effect from the first changed position on
 * @typedef {{ predictions: Uint32Array, effects: Effect[] }} SampleNumbers
 * @typedef {{ lengths: Float32Array[], before: Int16Array[], changes: Int16Array[][] }} ShownNumbers
 */

/**
 * @type {{ head: Record<string, any>, part: string, everywhere: boolean, steps: number, conditions: Condition[],
 *   samples: Sample[], tokens: string[], ids: number[], shown: Record<string, string> }}
 */
const data = await readData('data');

/** @type {Map<string, Promise<any>>} */
const decoded = new Map();

/**
 * Returns what a block has; it is decoded once.
 * @template T
 * @param {string} id
 * @param {(take: (Numbers: any, count: number) => any) => T} decode
 * @returns {Promise<T>}
 */
function decodedOnce(id, decode) {
  const found = decoded.get(id) ?? readBytes(id).then((bytes) => decode(planesOf(bytes)));
  decoded.set(id, found);
  return found;
}

/** @param {number} sample @returns {Promise<SampleNumbers>} */
const numbersOf = (sample) => decodedOnce('sample-' + sample, (take) => {
  const { at, first } = data.samples[sample];
  const count = at.length - first;
  return {
    predictions: take(Uint32Array, count),
    effects: data.conditions.map(({ projection }) => {
      const outputs = projection.map(() =>
        ({ projection: take(Float32Array, count), cosine: take(Float32Array, count) }));
      return {
        projection: outputs.map((output) => output.projection), cosine: outputs.map((output) => output.cosine),
        divergence: take(Float32Array, count), predictions: take(Uint32Array, count),
      };
    }),
  };
});

/** @param {number} sample @returns {Promise<ShownNumbers> | null} null where the sample is not shown */
function shownOf(sample) {
  const { at, first, values, patterns, kept } = data.samples[sample];
  if (values.length + patterns.length === 0) return null;
  return decodedOnce('shown-' + sample, (take) => {
    const cells = cellsBefore(at.length - first, first);
    return {
      lengths: values.map(() => take(Float32Array, at.length)),
      before: patterns.map(() => take(Int16Array, cells)),
      changes: kept.map((heads) => heads.map(() => take(Int16Array, cells))),
    };
  });
}

/** Returns the number of cells before a row: a row has the keys up to its own. @param {number} row */
const cellsBefore = (row, first) => row * (first + 1) + (row * (row - 1)) / 2;
