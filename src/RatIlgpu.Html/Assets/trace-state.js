// @ts-check
// The data of the trace page, and the meaning of its state.

/**
 * @typedef {{ at: number[], attention: number[], raw: number, score: number, share: number }} Path
 * @typedef {{ score: number, attention: number, alone: number, rest: number, pairs: [parts: string, adds: number][] }}
 *   Why the attention score of a link, and what adds to it
 * @typedef {{ key: number, query: number, attention: number, value: number, paths: number[], why?: Why }} Link
 */

/**
 * @typedef {{ layer: number, targetAttention: number[], paths: Path[], links: Link[], self: Record<string, number>,
 *   layouts: Record<string, Layout>, measure?: string, view?: number, empty?: string }} Trace `measure` is missing for
 *   attention
 */

/**
 * The prompt and the trace that are shown.
 * @type {Drawing & Places & Prompt & Trace & { ids: number[], placeCount?: number }}
 */
const data = await readData('data');

const choices = { cols: ['hops', 'position'], width: ['share', 'attention'], heat: ['share', 'attention'] };
const address = { n: 'sel', b: 'path', c: 'cols', w: 'width', m: 'heat' };

/** `sel` and `over` are n and a position, e and a link, or empty; `path` is -1 for all paths. */
const initial = { path: -1, cols: 'hops', width: 'share', heat: 'share' };

const legends = {
  share: () => 'Ribbon width is the share of path weight, at least 1.5 px. One colour per path.',
  attention: () =>
    `Ribbon width is share × ${measureOf(data)}, at least 1.5 px. The strongest link fills its lane.`,
};

const attentionAt = (/** @type {number} */ position) => (data.targetAttention[position] ?? 0) / 1e6;

/** @param {number} position @returns {number} 0 for nothing, to 7 */
function heatAt(position) {
  if (state.heat === 'attention') return Math.round(Math.sqrt(attentionAt(position)) * 7);
  return pathsAt.has(position) ? Math.min(7, 1 + Math.floor(shareAt(position) * 6.99)) : 0;
}

/** Returns what the strongest shade of the text stands for. */
const heatEnd = () => (state.heat === 'share' ? '100 %' : '100 %, square-root scale');

/** Returns the share of a token in words, behind its position; empty for none. @param {number} position */
const shareSaid = (position) => (pathsAt.has(position) ? `share ${percent(shareAt(position))}` : '');
