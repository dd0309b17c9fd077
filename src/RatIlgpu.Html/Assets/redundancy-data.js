// @ts-check
// The numbers of the page of a redundancy test or of an offset sweep.

/**
 * @typedef {[mean: number | null, spread: number | null, count: number]} Spread
 * @typedef {[projection: Spread, cosine: Spread]} Output
 * @typedef {{ layer: number, pairs?: { pair: string, name: string, output: Output }[], alone: Output,
 *   offsets: { offset: number, values: Output, both: Output }[] }} Layer bars have pairs, a sweep has offsets
 */

/**
 * @type {{ head: Record<string, any>, heads: string[], components?: string, valueHeads: string[], layers: Layer[],
 *   index: Record<string, number | null>, samples: { at: number[], position: number }[], tokens: string[],
 *   ids: number[], shown: Record<string, string>, everywhere?: boolean }}
 */
const data = await readData('data');
