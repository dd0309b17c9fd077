// @ts-check
// The data of the page of patches, and the numbers of a pair or of the mean over the pairs.

/**
 * @typedef {{ name: string, title: string, length: number, labels: string[] }} Axis
 * @typedef {Prompt & { ids: number[] }} Tokens
 * @typedef {{ label: string, metric: string, at: number[], padding: number[], cleanMetric: number | null,
 *   corruptedMetric: number | null, notice: string, clean: Tokens, corrupted: Tokens }} Pair
 * @typedef {[name: string, left: number, top: number, source: number, destination: number]} DiagramNode
 * @typedef {{ width: number, height: number, nodeWidth: number, nodeHeight: number, least: number, most: number,
 *   nodes: DiagramNode[], curves: [index: number, line: string][] }} Diagram
 * @typedef {Record<string, Float64Array>} Numbers by `metric`, `effect` and `recovery`; NaN where there is none
 */

/**
 * @type {{ kind: string, what: string, hasFile: boolean, sourceAxes: number, axes: Axis[], pairs: Pair[],
 *   diagram?: Diagram }}
 */
const data = await readData('data');
const { axes, pairs, sourceAxes, diagram } = data;
const isPaths = data.kind !== 'activation';
const hasSeveral = pairs.length > 1;
const size = axes.reduce((product, axis) => product * axis.length, 1);
const strides = axes.map((_, i) => axes.slice(i + 1).reduce((product, axis) => product * axis.length, 1));
const kinds = ['effect', 'recovery', 'metric'];

/** @param {string} name of an axis @returns {number} -1 for none */
const axisOf = (name) => axes.findIndex((axis) => axis.name === name);
const [positionAxis, keyAxis] = [axisOf('position'), axisOf('key')];

/** @param {string} id of a block of numbers of 8 bytes */
const numbersIn = async (id) => new Float64Array((await readBytes(id)).buffer);

/** The metric under each patch, of each pair. */
const values = await Promise.all(pairs.map((_, i) => numbersIn('values-' + i)));

/** @param {number} index of a patch @returns {number[]} its place on each axis */
const placesOf = (index) => axes.map(({ length }, i) => Math.floor(index / strides[i]) % length);

/** @param {number[]} places */
const indexOf = (places) => places.reduce((index, place, i) => index + place * strides[i], 0);

/**
 * Returns mean and sample standard deviation, summed in the order of the library.
 * @param {number[]} found
 */
function meanAndSpread(found) {
  const origin = Number.isFinite(found[0]) ? found[0] : 0;
  const mean = found.length ? origin + found.reduce((sum, x) => sum + (x - origin), 0) / found.length : NaN;
  const squares = found.reduce((sum, x) => sum + (x - mean) * (x - mean), 0);
  return [mean, found.length > 1 ? Math.sqrt(squares / (found.length - 1)) : NaN];
}

const runs = pairs.map(({ cleanMetric, corruptedMetric }) => [cleanMetric ?? NaN, corruptedMetric ?? NaN]);

/** @param {number} pair @returns {Numbers} */
function numbersOfPair(pair) {
  const [clean, corrupted] = runs[pair];
  const metric = values[pair];
  const effect = metric.map((x) => x - corrupted);
  return { metric, effect, recovery: effect.map((x) => (clean === corrupted ? NaN : x / (clean - corrupted))) };
}

/**
 * What is shown of a pair: its numbers, and the largest magnitude of each kind; of the mean also the spreads.
 * @typedef {{ numbers: Numbers, most: Record<string, number>, spreads?: Numbers, widest?: Record<string, number>,
 *   clean: number[], corrupted: number[] }} Shown
 * @type {Map<string, Shown>}
 */
const shownOf = new Map();

/** @returns {Shown} */
function shownNow() {
  const known = shownOf.get(state.pair);
  if (known) return known;
  const made = state.pair === 'mean' ? meanOfPairs() : ofPair(Number(state.pair));
  shownOf.set(state.pair, made);
  return made;
}

/** @param {number} pair @returns {Shown} */
function ofPair(pair) {
  const numbers = numbersOfPair(pair);
  const [clean, corrupted] = runs[pair];
  return { numbers, most: mostOf(numbers), clean: [clean], corrupted: [corrupted] };
}

/** @returns {Shown} */
function meanOfPairs() {
  const all = pairs.map((_, i) => numbersOfPair(i));
  /** @type {Numbers} */
  const [numbers, spreads] = [{}, {}];
  for (const kind of kinds) {
    [numbers[kind], spreads[kind]] = [new Float64Array(size), new Float64Array(size)];
    for (let i = 0; i < size; i++)
      [numbers[kind][i], spreads[kind][i]] =
        meanAndSpread(all.map((one) => one[kind][i]).filter((x) => !Number.isNaN(x)));
  }
  const [clean, corrupted] = [0, 1].map((run) => meanAndSpread(runs.map((both) => both[run])));
  return { numbers, spreads, most: mostOf(numbers), widest: mostOf(spreads), clean, corrupted };
}

/** @param {Numbers} numbers @returns {Record<string, number>} */
const mostOf = (numbers) => Object.fromEntries(kinds.map((kind) => [kind, numbers[kind].reduce(
  (most, x) => (Number.isFinite(x) && Math.abs(x) > most ? Math.abs(x) : most), 0)]));

const isSpread = () => state.stat === 'spread' && state.pair === 'mean';

/** Returns the numbers whose magnitude is the strength of a patch, and the largest. */
function strengthNow() {
  const { numbers, most, spreads, widest } = shownNow();
  if (isSpread() && spreads && widest) return { of: spreads[state.number], most: widest[state.number] };
  // The colours of the metric have the corrupted run in their middle.
  const kind = state.number === 'recovery' ? 'recovery' : 'effect';
  return { of: numbers[kind], most: most[kind] };
}

/** @param {number} index */
const isThere = (index) => !Number.isNaN(shownNow().numbers.effect[index]);

/** @param {number} value @param {string} [kind] */
const numberText = (value, kind = '') => (Number.isNaN(value) ? '–'
  : kind === 'recovery' ? (Math.round(value * 1000) / 10 + 0).toFixed(1) + ' %'
    : value !== 0 && Math.abs(value) < 5e-5 ? value.toExponential(1) : value.toFixed(4));

/** The pair whose prompts are shown; with the mean, the first. */
const pairNow = () => pairs[state.pair === 'mean' ? 0 : Number(state.pair)];

/**
 * Returns the token at a position of the corrupted prompt, which runs with the patches; empty where the pairs whose
 * mean is shown have different ones.
 * @param {number} position
 */
function tokenAt(position) {
  const { corrupted } = pairNow();
  const isCommon = state.pair !== 'mean'
    || pairs.every((pair) => pair.corrupted.ids[position] === corrupted.ids[position]);
  return isCommon ? tokenText(corrupted, position) : '';
}

/** @param {number} axis @param {number} place */
function placeName(axis, place) {
  const { labels } = axes[axis];
  if (labels.length) return labels[place];
  const token = tokenAt(place);
  return token === '' ? String(place) : `${place} ${isolated(clip(token, 24))}`;
}

/** @param {number} index @returns {string} such as L3H7 at 5 ·Mary, or L1H0 → L3H3 */
function nameOf(index) {
  const places = placesOf(index);
  const named = axes.map((axis, i) => (axis.labels.length ? placeName(i, places[i])
    : ` ${axis.name === 'key' ? 'on' : 'at'} ${placeName(i, places[i])}`));
  if (isPaths) return named.slice(0, sourceAxes).join('') + ' → ' + named.slice(sourceAxes).join('');
  return [...named.filter((_, i) => axes[i].labels.length), ...named.filter((_, i) => !axes[i].labels.length)].join('');
}

/**
 * Says why there is no number of a patch.
 * @param {number} index
 */
function reasonOf(index) {
  const places = placesOf(index);
  if (isThere(index)) return 'Clean and corrupted run have one metric, so there is no recovery.';
  if (isPaths) {
    const layer = (/** @type {string} */ text) => Number(/^L(\d+)/.exec(text)?.[1]);
    const [from, to] = [axes[0].labels[places[0]], axes[sourceAxes].labels[places[sourceAxes]]].map(layer);
    if (to <= from) return 'No path: the destination is not in a later layer than the source.';
  }
  const padded = [positionAxis, keyAxis].some((axis) => axis >= 0 && pairNow().padding.includes(places[axis]));
  if (padded) return 'No patch: the position is padding.';
  if (keyAxis >= 0 && places[keyAxis] > places[positionAxis])
    return 'No patch: the key comes after the query, which cannot see it.';
  return 'This patch was not asked for, or its metric is not a number.';
}
