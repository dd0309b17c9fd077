// @ts-check
// The state of the trace page, and its form in the address: one object, read and written here only.

/**
 * @typedef {{ at: number[], attention: number[], raw: number, score: number, share: number }} Path
 * @typedef {{ key: number, query: number, attention: number, value: number, paths: number[] }} Link
 */

/**
 * @typedef {{ layer: number, targetAttention: number[], paths: Path[], links: Link[], self: Record<string, number>,
 *   layouts: Record<string, Layout>, drawn?: number, empty?: string }} Layer
 */

/**
 * What is of the prompt, and what is of the layer shown.
 * @type {Drawing & Layer & { target: number, tokens: string[], ids: number[], shown: Record<string, string>,
 *   layers?: Layer[] }}
 */
const data = await readData('data');

/** @type {Layer[]} */
const layers = data.layers ?? [data];

/** The paths that are drawn and listed, the strongest. */
const drawnPaths = () => data.paths.slice(0, data.drawn);

/** The paths through each position. @type {Map<number, number[]>} */
const pathsAt = new Map();

/** @param {number} number of a layer that is there */
function useLayer(number) {
  const shown = layers.find(({ layer }) => layer === number);
  if (layers.length > 1) Object.assign(data, { empty: '', drawn: undefined }, shown);
  state.layer = number;
  pathsAt.clear();
  data.paths.forEach((path, index) => {
    for (const position of path.at) {
      const through = pathsAt.get(position) ?? [];
      through.push(index);
      pathsAt.set(position, through);
    }
  });
}

const choices = {
  cols: ['hops', 'position'],
  width: ['share', 'attention'],
  heat: ['share', 'attention'],
  theme: ['auto', 'light', 'dark'],
};
const addressKeys = { n: 'sel', b: 'path', c: 'cols', w: 'width', m: 'heat', t: 'theme', q: 'q', l: 'layer' };

/**
 * `sel` is n and a position, e and a link, or nothing; `over` is the same and passes; `path` is -1 for all; `k` is 0
 * until the reader zooms.
 * @type {Record<string, any>}
 */
const initial = {
  sel: '', path: -1, cols: 'hops', width: 'share', heat: 'share', theme: root.dataset.theme, q: '', k: 0, at: [],
  layer: layers[layers.length - 1].layer, over: '',
};
const state = { ...initial };

/** @param {string} sel */
const kindOf = (sel) => sel.slice(0, 1);

/** @param {string} sel */
const indexOf = (sel) => Number(sel.slice(1));

/** @param {number} position */
const tokenAt = (position) => data.shown[position] ?? data.tokens[position].replaceAll(' ', '·');

/** @param {number[]} paths */
const shareOf = (paths) => paths.reduce((sum, path) => sum + data.paths[path].share, 0);

/** @param {number} position */
const shareAt = (position) => shareOf(pathsAt.get(position) ?? []);

/**
 * The paths through a mark.
 * @param {string} sel
 */
function pathsThrough(sel) {
  if (sel === '') return [];
  return kindOf(sel) === 'n' ? (pathsAt.get(indexOf(sel)) ?? []) : data.links[indexOf(sel)].paths;
}

/** The paths in the light, or null where none is picked out. */
function litPaths() {
  if (state.path >= 0) return new Set([state.path]);
  const through = pathsThrough(state.sel);
  return through.length > 0 ? new Set(through) : null;
}

/** Reads the address; what is unknown or out of range is ignored. */
function readAddress() {
  const address = new URLSearchParams(location.hash.slice(1));
  Object.assign(state, initial);
  const layer = address.get('l') ?? '';
  useLayer(layers.some((one) => String(one.layer) === layer) ? Number(layer) : initial.layer);
  const sel = address.get('n') ?? '';
  const count = kindOf(sel) === 'n' ? data.tokens.length : data.links.length;
  if (/^[ne]\d+$/.test(sel) && indexOf(sel) < count) state.sel = sel;
  const path = address.get('b') ?? '';
  if (/^\d+$/.test(path) && Number(path) < data.paths.length) state.path = Number(path);
  readChoices(address, 1);
}

/**
 * Picks a mark, or lets it go if it is picked; a path filter stays as long as it goes through the mark.
 * @param {string} sel
 */
function pick(sel) {
  if (state.sel === sel) set({ sel: '' });
  else set({ sel, path: pathsThrough(sel).includes(state.path) ? state.path : -1 });
}

const clearPicks = () => set({ sel: '', path: -1 });

