// @ts-check
// What is picked on a page of paths, and the paths through it.

/**
 * What a page of several views adds; a page of one has none.
 * @type {{ initial: Record<string, any>, address: Record<string, string>, keys: Record<string, () => void>,
 *   open: (address: URLSearchParams) => Promise<any>, show: () => void, file: () => Promise<string>,
 *   suffix: () => string } | undefined}
 */
let several;

/** Returns the position of a place of the diagram. @param {number} place */
const tokenAt = (place) => data.tokenAt?.(place) ?? place;

/** The paths through each position. @type {Map<number, number[]>} */
let pathsAt = new Map();

function useTrace() {
  pathsAt = pathsByPosition(data.paths, tokenAt);
}
if (data.paths) useTrace();

/** Marks are named by a kind and a number: n12 is token 12. @param {string} name */
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
  if (kind === 'v') return data.paths.flatMap(({ at }, path) => (at.includes(index) ? [path] : []));
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
  const count = { n: data.tokens.length, e: data.links.length, v: data.placeCount ?? 0 }[kind] ?? 0;
  if (/^[nev]\d+$/.test(sel) && index < count) state.sel = sel;
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
