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
 * @type {Drawing & Prompt & Trace & { ids: number[] }}
 */
const data = await readData('data');

/**
 * What a page of several views adds; a page of one has none.
 * @type {{ initial: Record<string, any>, address: Record<string, string>, keys: Record<string, () => void>,
 *   open: (address: URLSearchParams) => Promise<any>, show: () => void, file: () => Promise<string>,
 *   suffix: () => string } | undefined}
 */
let several;

/** The paths through each position. @type {Map<number, number[]>} */
let pathsAt = new Map();

function useTrace() {
  pathsAt = pathsByPosition(data.paths);
}
if (data.paths) useTrace();

const choices = { cols: ['hops', 'position'], width: ['share', 'attention'], heat: ['share', 'attention'] };
const address = { n: 'sel', b: 'path', c: 'cols', w: 'width', m: 'heat' };

/** `sel` and `over` are n and a position, e and a link, or empty; `path` is -1 for all paths. */
const initial = { path: -1, cols: 'hops', width: 'share', heat: 'share' };

/** @param {string} name */
const markOf = (name) => ({ kind: name.slice(0, 1), index: Number(name.slice(1)) });

/** @param {number[]} paths */
const shareOf = (paths) => paths.reduce((sum, path) => sum + data.paths[path].share, 0);

/** @param {number} position */
const shareAt = (position) => shareOf(pathsAt.get(position) ?? []);

/**
 * Returns the paths through a mark.
 * @param {string} sel
 */
function pathsThrough(sel) {
  const { kind, index } = markOf(sel);
  return (kind === 'n' ? pathsAt.get(index) : kind && data.links[index].paths) || [];
}

/** Returns the lit paths; null if all look the same. */
function litPaths() {
  if (state.path >= 0) return new Set([state.path]);
  const through = pathsThrough(state.sel);
  return through.length > 0 ? new Set(through) : null;
}

/** @param {URLSearchParams} address */
async function read(address) {
  await several?.open(address);
  const sel = address.get('n') ?? '';
  const { kind, index } = markOf(sel);
  if (/^[ne]\d+$/.test(sel) && index < (kind === 'n' ? data.tokens : data.links).length) state.sel = sel;
  const path = address.get('b') ?? '';
  if (/^\d+$/.test(path) && Number(path) < data.paths.length) state.path = Number(path);
}

/**
 * Picks a mark, or clears the pick if the mark is picked. A chosen path stays chosen if it goes through the mark.
 * @param {string} sel
 */
function pick(sel) {
  if (state.sel === sel) set({ sel: '' });
  else set({ sel, path: pathsThrough(sel).includes(state.path) ? state.path : -1 });
}

const clearPicks = () => set({ sel: '', path: -1 });
