// @ts-check
// The data of the page of attributions, decoded when they are shown, and the meaning of its state.

/**
 * @typedef {{ position: number, measured: number, target: string, facts: [string, string][] }} ViewPlan
 * @typedef {Prompt & { number: number, first: number, label: string, ids: number[], views: ViewPlan[] }} PromptPlan
 *   `first` is the index of its first view
 * @typedef {ViewPlan & { prompt: PromptPlan, index: number, name: string }} View an explained logit
 * @typedef {{ name: string, cumulative: boolean, leftOut: number, labels: string[] }} Unit
 * @typedef {Bar & { from: number }} Row `from` is 0 except of streams
 */

/**
 * The names in `readers` are those of the rows of cells: heads; the empty name, all heads; the attention of each layer;
 * the heads that are not shown.
 * @type {{ prompts: PromptPlan[], units: Unit[], readers?: string[], most: number, meanFacts?: [string, string][],
 *   top: number, opening: number }}
 */
const data = await readData('data');

const { prompts, units, readers } = data;
const mostRows = 500; // elements; more rows are summed

/** @type {View[]} */
const views = prompts.flatMap((prompt) => prompt.views.map((view, i) => (
  { ...view, prompt, index: prompt.first + i, name: `${prompt.number}.${view.position}` })));
const unitNames = units.map(({ name }) => name);
const numberCount = units.reduce((sum, { labels }) => sum + labels.length + 2, 0);

const choices = { unit: unitNames, order: ['size', 'model'], plot: ['components', 'positions'] };
const address = { v: 'view', u: 'unit', o: 'order', m: 'plot', n: 'sel', k: 'top' };

/**
 * `view` is the name of a view, or mean; `sel` and `over` name a component, a token as @ and its position, or both: a
 * cell. `top` is the number of rows, 0 for all.
 */
const initial = {
  view: views[data.opening].name, unit: unitNames[0], order: 'size', plot: 'components', top: String(data.top),
};

/** @type {Map<string, any>} */
const decoded = new Map();

/** The view that is shown; undefined for the mean. */
const shownView = () => views.find(({ name }) => name === state.view);

const shownPrompt = () => (shownView() ?? views[0]).prompt;

const shownUnit = () => units[unitNames.indexOf(state.unit)];

/** Tells whether the matrix shows the positions of a prompt, and not the components of one. */
const showsPositions = () => state.plot === 'positions' && shownView() !== undefined && shownPrompt().views.length > 1;

/** The views of the prompt. */
const siblings = () => views.filter(({ prompt }) => prompt === shownPrompt());

/** Decodes what the state needs and is not there; returns null if all is. */
function decodeShown() {
  const view = shownView();
  const seen = showsPositions() ? siblings() : view ? [view] : [];
  const missing = [`view-${view?.index ?? 'mean'}`, ...(readers ? seen.map(({ index }) => 'cells-' + index) : [])]
    .filter((id) => !decoded.has(id));
  return missing.length > 0 ? Promise.all(missing.map(async (id) => {
    const Numbers = id[0] === 'v' ? Float64Array : Float32Array;
    decoded.set(id, new Numbers((await readBytes(id)).buffer));
  })) : null;
}

/** @param {string} sel */
function markOf(sel) {
  const [component, token] = sel.split('@');
  return { component, token: token === undefined ? -1 : Number(token) };
}

/**
 * @param {string} component empty for none
 * @param {number} token its position; -1 for none
 */
const nameOf = (component, token) => component + (token < 0 ? '' : '@' + token);

/** @param {URLSearchParams} address */
async function read(address) {
  const [view, top, sel] = ['v', 'k', 'n'].map((key) => address.get(key) ?? '');
  if (views.some(({ name }) => name === view) || (view === 'mean' && data.meanFacts)) state.view = view;
  if ([...byId('top').options].some(({ value }) => value === top)) state.top = top;
  const { component, token } = markOf(sel);
  if (/^[^@]*(@\d+)?$/.test(sel) && token < shownPrompt().tokens.length
    && (component === '' || units.some(({ labels }) => labels.includes(component))))
    state.sel = nameOf(component, token);
  await decodeShown();
}

/** Returns the rows of a unit in the shown view, in the order of the model, then what was left out, and rounding. */
function rowsOf(/** @type {Unit} */ unit) {
  const numbers = decoded.get(`view-${shownView()?.index ?? 'mean'}`);
  const start = units.slice(0, units.indexOf(unit)).reduce((sum, { labels }) => sum + labels.length + 2, 0);
  return [...unit.labels, 'unaccounted', 'rounding'].map((name, i) => /** @type {Row} */ ({
    name, value: numbers[start + i], spread: numbers[start + i + numberCount],
    from: unit.cumulative && i > 0 && i < unit.labels.length ? numbers[start + i - 1] : 0,
  }));
}

/** @param {Row[]} rows @returns {Row[]} the largest first */
const bySize = (rows) => rows.toSorted((a, b) => Math.abs(b.value) - Math.abs(a.value));

/** Returns the rows that are shown, the sum of the others, and rounding. */
function shownRows() {
  const unit = shownUnit();
  const all = rowsOf(unit);
  const rounding = /** @type {Row} */ (all.pop());
  const rest = /** @type {Row} */ (all.pop());
  const sorted = bySize(all);
  const kept = unit.cumulative ? all : sorted.slice(0, Math.min(Number(state.top) || mostRows, mostRows));
  const hidden = unit.leftOut + all.length - kept.length;
  for (const { value } of unit.cumulative ? [] : sorted.slice(kept.length)) {
    rest.value += value;
    rest.spread = undefined; // unknown of a sum
  }
  rest.name += ` (${hidden})`;
  return {
    unit, rounding, hidden,
    rows: state.order === 'size' ? kept : all.filter((row) => kept.includes(row)),
    extra: hidden > 0 && !unit.cumulative ? [rest, rounding] : [rounding],
  };
}

/**
 * Returns what a component reads from each token of a view; null if it is no head or sum of heads.
 * @param {string} component
 * @param {View | undefined} view
 * @returns {number[] | null}
 */
function readsOf(component, view) {
  const row = readers?.indexOf(component) ?? -1;
  if (!view || row < 0) return null;
  const keys = view.position + 1;
  return Array.from(decoded.get('cells-' + view.index).subarray(row * keys, (row + 1) * keys));
}

/** @param {Bar} row */
const valueText = ({ value, spread }) => signed(value) + (spread === undefined ? '' : ` ± ${spread.toFixed(4)}`);

/**
 * Picks a mark, or clears the pick if the mark is picked.
 * @param {string} sel
 */
const pick = (sel) => set({ sel: state.sel === sel ? '' : sel });
