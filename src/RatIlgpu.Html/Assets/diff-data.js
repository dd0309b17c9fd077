// @ts-check
// The numbers of the page of two checkpoints.

/**
 * @typedef {(number | null)[]} Numbers of all heads, by layer, then by head
 * @typedef {{ id: string, name: string, meaning: string, signed: boolean, percent: boolean, values: Numbers,
 *   norms?: Numbers, ranks?: Numbers, effective?: Numbers, most?: Numbers, both?: (Numbers | null)[] }} Measure `ranks`
 *   are -1 where there are more than are looked for; `both` has excess, low and high of A, the same of B, and 1 where
 *   they differ
 * @typedef {{ name: string, title: string, layer?: number, part?: number, shape: string, formats: string,
 *   numbers: Numbers }} Weight its numbers are the relative change, both norms, the rank, and the effective rank
 * @typedef {[text: number, position: number, a: number, b: number, aInA: number, aInB: number, bInA: number,
 *   bInB: number, kl: number]} Changed
 */

/**
 * @type {{ layers: number, heads: number, groups: number, mostRank: number, opening: string, measures: Measure[],
 *   parts: string[], weights: Weight[], roles: [head: number, role: string, gained: boolean][], cosines?: number[],
 *   ids?: number[], tokens?: string[], shown?: Record<string, string>,
 *   texts?: { name: string, at: number[], kl: number[] }[], predictions?: Changed[] }}
 */
const data = await readData('data');
const { measures, weights } = data;
const headCount = data.layers * data.heads;
const texts = (data.texts ?? []).filter(({ kl }) => kl.length > 0);
const keys = Array.from({ length: headCount }, (_, i) => `${Math.floor(i / data.heads)}.${i % data.heads}`);
const headNames = keys.map((key) => 'L' + key.replace('.', 'H'));

/** The weights of layers by layer and part. @type {Map<string, number>} */
const weightPlaces = new Map(weights.flatMap(({ layer, part }, i) =>
  (layer === undefined ? [] : [[`${layer}.${part}`, i]])));

/** The predictions that changed, by text and position. @type {Map<string, Changed>} */
const changedAt = new Map((data.predictions ?? []).map((one) => [`${one[0]}.${one[1]}`, one]));

/** @param {Numbers} numbers the largest magnitude; 0 where there is none */
const mostOf = (numbers) => numbers.reduce((/** @type {number} */ most, value) =>
  Math.max(most, Math.abs(value ?? 0)), 0);

/** @param {number | null | undefined} value */
function short(value) {
  if (value === null || value === undefined) return '–';
  if (value === 0) return '0';
  if (Math.abs(value) < 1e-4) return value.toExponential(1);
  return value.toFixed(4);
}

/** @param {number | null | undefined} value @param {boolean} isPercent */
const shown = (value, isPercent) => (isPercent && value !== null && value !== undefined && value !== 0
  ? (Math.abs(value) < 1e-4 ? (value * 100).toExponential(1) : (value * 100).toFixed(2)) + ' %' : short(value));

/** @param {number | null | undefined} rank */
const rankText = (rank) => (rank === null || rank === undefined ? '–' : rank < 0 ? '> ' + data.mostRank : String(rank));

/** Returns what stands in a cell, where it fits. @param {number | null} value @param {boolean} isPercent */
function cellText(value, isPercent) {
  if (value === null) return '╱╱';
  const number = isPercent ? value * 100 : value;
  if (Math.abs(number) >= 9.95) return number.toFixed(0);
  const text = number.toFixed(isPercent ? 1 : 2).replace('0.', '.');
  return Number(text) === 0 ? '' : text;
}
