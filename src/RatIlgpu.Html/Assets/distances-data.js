// @ts-check
// The numbers of the page of a comparison of attention.

/**
 * @typedef {[mean: number | null, spread: number | null, count: number]} Spread
 * @typedef {{ head: string, before: Spread[], conditions: { after: Spread[], difference: Spread[] }[] }} HeadRow
 */

/**
 * @type {{ head: Record<string, any>, layer: number, most: number, changed: number, everywhere: boolean,
 *   conditions: { name: string, kind: string, heads: string[] }[], heads: HeadRow[],
 *   samples: { at: number[], position: number }[], tokens: string[], ids: number[], shown: Record<string, string> }}
 */
const data = await readData('data');
