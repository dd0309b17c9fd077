// @ts-check
// What the reader of a page of patches keeps: a place on each axis, or none.

const allAxes = axes.map((_, axis) => axis);
const [sources, destinations] = [allAxes.slice(0, sourceAxes), allAxes.slice(sourceAxes)];
const choices = {
  number: kinds, view: ['maps', 'matrix'], stat: ['mean', 'spread'],
  pair: [...(hasSeveral ? ['mean'] : []), ...pairs.map((_, i) => String(i))],
};
const address = { n: 'sel', m: 'number', v: 'view', s: 'pair', r: 'stat', e: 'edges' };
const mostEdges = Number(byId('edges')?.max ?? 1);

/** `sel` has the kept places, such as 3.7 or 3.-.5; `over` is the patch under the pointer, such as c17 or p4. */
const initial = {
  number: 'effect', view: 'maps', stat: 'mean', pair: choices.pair[0], edges: String(Math.min(mostEdges, 24)),
};

/** @returns {number[]} the kept place of each axis; -1 for none */
const kept = () => (state.sel === '' ? axes.map(() => -1)
  : state.sel.split('.').map((/** @type {string} */ place) => (place === '-' ? -1 : Number(place))));

/** @param {number[]} places */
const nameOfPlaces = (places) =>
  (places.every((place) => place < 0) ? '' : places.map((place) => (place < 0 ? '-' : place)).join('.'));

/** @param {number[]} places */
const keep = (places) => set({ sel: nameOfPlaces(places) });

/**
 * Keeps places of some axes, or lets them go if they are kept.
 * @param {number[]} some axes
 * @param {number[]} places on each axis
 */
function toggle(some, places) {
  const now = kept();
  const isKept = some.every((axis) => now[axis] === places[axis]);
  keep(now.map((place, axis) => (some.includes(axis) ? (isKept ? -1 : places[axis]) : place)));
}

/** @param {URLSearchParams} from */
function read(from) {
  const places = (from.get('n') ?? '').split('.');
  const fits = places.length === axes.length
    && places.every((place, axis) => place === '-' || (/^\d{1,9}$/.test(place) && Number(place) < axes[axis].length));
  if (fits) state.sel = nameOfPlaces(places.map((place) => (place === '-' ? -1 : Number(place))));
  const edges = from.get('e') ?? '';
  if (/^\d{1,9}$/.test(edges) && Number(edges) >= 1 && Number(edges) <= mostEdges) state.edges = String(Number(edges));
}


/**
 * Returns the index of the kept places of some axes among all their places; -1 if one axis has none.
 * @param {number[]} some
 * @param {number[]} places
 */
function groupIndex(some, places) {
  if (some.length === 0 || some.some((axis) => places[axis] < 0)) return -1;
  return some.reduce((index, axis) => index * axes[axis].length + places[axis], 0);
}

/** @param {number[]} some @returns {number} */
const groupSize = (some) => some.reduce((product, axis) => product * axes[axis].length, 1);

/** @param {number[]} some @param {number} index @returns {[axis: number, place: number][]} */
function groupPlaces(some, index) {
  /** @type {[number, number][]} */
  const places = [];
  for (let i = some.length - 1; i >= 0; i--) {
    places.unshift([some[i], index % axes[some[i]].length]);
    index = Math.floor(index / axes[some[i]].length);
  }
  return places;
}
