// @ts-check
// What the reader of the page of a study can choose, and what the choices mean.

const lastLayer = highestOf(data.conditions.map(({ layer, projection }) => layer + projection.length - 1));
const firstLayer = lowestOf(data.conditions.map(({ layer }) => layer));
/** @type {Record<string, string>} */
const measureNames = { projection: 'NIP', cosine: 'Cosine', divergence: 'KL, nats', changed: 'Changed' };

const choices = {
  condition: data.conditions.map((_, i) => String(i)),
  measure: Object.keys(measureNames),
  layer: ['', 'all', ...Array.from({ length: lastLayer - firstLayer + 1 }, (_, i) => String(firstLayer + i))],
  head: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
  order: ['', 'name', 'divergence', 'changed', 'there', 'cosine', 'last'],
  turn: ['down', 'up'],
};
const address = {
  n: 'sel', c: 'condition', s: 'sample', m: 'measure', l: 'layer', h: 'head', o: 'order', u: 'turn',
};

/** The condition that changes predictions most. */
const strongest = data.conditions.reduce((most, { divergence }, i) =>
  ((divergence[0] ?? 0) > (data.conditions[most].divergence[0] ?? 0) ? i : most), 0);

/**
 * `sel` and `over` are positions of the sample, or empty; `layer` is that of the lines by position, empty for that of
 * the condition; `head` is a place among those whose attention changes most.
 */
const initial = {
  sample: 1, condition: String(strongest), measure: 'projection', layer: '', head: '0', order: '', turn: 'down',
};

const condition = () => data.conditions[Number(state.condition)];
const sample = () => data.samples[state.sample - 1];

/** The numbers of the sample that is shown. @type {SampleNumbers} */
let numbers;
/** Its patterns and values; null where none are kept. @type {ShownNumbers | null} */
let patterns = null;

/** @param {number} number a sample, from 1 */
async function openSample(number) {
  [numbers, patterns] = await Promise.all([numbersOf(number - 1), shownOf(number - 1)]);
  state.sample = number;
}

/** @param {number} to a sample, from 1 */
async function chooseSample(to) {
  if (!data.samples[to - 1]) return;
  askedSample = to;
  await Promise.all([numbersOf(to - 1), shownOf(to - 1)]);
  // The reader can have asked for another one meanwhile.
  if (askedSample !== to || to === state.sample) return;
  await openSample(to);
  set({ sel: '', over: '', head: '0' });
}
let askedSample = 0;

/** @param {URLSearchParams} from */
async function read(from) {
  const number = Number(from.get('s') ?? 1);
  await openSample(data.samples[number - 1] ? number : 1);
  const sel = from.get('n') ?? '';
  if (/^\d+$/.test(sel) && Number(sel) < sample().at.length) state.sel = sel;
}

const effect = () => numbers.effects[Number(state.condition)];

/** Returns the places of the layers that are shown by position, among those of the condition. */
function shownLayers() {
  const { layer, projection } = condition();
  if (state.layer === 'all') return projection.map((_, i) => i);
  const place = state.layer === '' ? 0 : Number(state.layer) - layer;
  return [projection[place] ? place : 0];
}

/** Returns the position that details are about; -1 for none. */
const focused = () => (positionOf(state.over) >= 0 ? positionOf(state.over) : positionOf(state.sel));

/** @param {string} sel */
const pick = (sel) => set({ sel: state.sel === sel ? '' : sel });

/** @param {number} index */
const choose = (index) => set({ condition: String(index), head: '0', layer: '' });

/** @param {number} by */
function stepCondition(by) {
  const next = Number(state.condition) + by;
  if (data.conditions[next]) choose(next);
}
