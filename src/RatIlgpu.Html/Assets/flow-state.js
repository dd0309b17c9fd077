// @ts-check
// The data of the page of a flow through all layers.

/**
 * @typedef {{ at: number[], flows: number[], score: number, share: number, route: string }} Path `at` are places, the
 *   target first
 */

/**
 * @typedef {{ layer: number, fromLayer: number, shares: number[], paths: Path[], links: Link[], placeCount: number,
 *   layouts: Record<string, Layout>, view?: number, empty?: string }} Flow
 */

/**
 * The prompt and the flow that are shown.
 * @type {Drawing & Places & Prompt & Flow & { ids: number[], tokenAt: (place: number) => number }}
 */
const data = await readData('data');
prepare(data);

const choices = {};
const address = { n: 'sel', b: 'path' };

/** `sel` and `over` are n and a position, v and a place, e and a step, or empty; `path` is -1 for all paths. */
const initial = { path: -1, cols: 'layers', width: 'share', heat: 'share' };

const legends = {
  share: () => 'Ribbon width is the probability of a path, at least 1.5 px. One colour per path.',
};

/** Returns the exact share of the target that comes from a token. @param {number} position */
const exactShare = (position) => data.shares[position] ?? 0;

/** Returns the probability of the drawn paths that end at a token. @param {number} position */
const drawnShare = (position) =>
  data.paths.reduce((sum, { at, share }) => sum + (data.tokenAt(at[at.length - 1]) === position ? share : 0), 0);

const largestShare = () => data.shares.reduce((most, share) => Math.max(most, share), Number.MIN_VALUE);

/** @param {number} position @returns {number} 0 for nothing, to 7 */
const heatAt = (position) => Math.round(Math.sqrt(exactShare(position) / largestShare()) * 7);

const heatEnd = () => `${percent(largestShare())}, square-root scale`;

/** @param {number} position */
const shareSaid = (position) => (position > data.target ? '' : `share ${percent(exactShare(position))}`);

/** Returns a probability, which can be small with many layers: with three digits. @param {number} part of 1 */
const chance = (part) => `${Number((part * 100).toPrecision(3))} %`;
