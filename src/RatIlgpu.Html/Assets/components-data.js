// @ts-check
// The data of the page of components: figures of one or several matrices, decoded when they are shown.

/**
 * @typedef {{ name: string, labels: string[] }} Axis
 * @typedef {{ id: string, title: string, note: string, signed: boolean, axes: Axis[] }} Figure the last two axes are
 *   the rows and the columns of each matrix
 * @type {{
 *   hasFile: boolean, query: number, opening: number[], keys: number[], attention: number[], figures: Figure[],
 *   prompt: Prompt,
 * }}
 */
const data = await readData('data');

const { figures, prompt, keys } = data;
const ids = figures.map(({ id }) => id);
const choices = { figure: ids, scale: ['own', 'all'] };
const address = { f: 'figure', s: 'scale', a: 'at', n: 'sel' };

/** `at` has the places on the axes that choose a matrix, `sel` and `over` a cell as row and column, or a token. */
const initial = { figure: ids[0], scale: 'own', at: '' };

/** @type {Map<string, Float32Array>} */
const decoded = new Map();

/** @param {string} id of a figure */
async function decode(id) {
  const figure = figures[ids.indexOf(id)];
  if (decoded.has(id)) return;
  const count = figure.axes.reduce((product, { labels }) => product * labels.length, 1);
  decoded.set(id, planesOf(await readBytes('figure-' + id))(Float32Array, count));
}

const figureNow = () => figures[ids.indexOf(state.figure)];

/** The axes that choose one matrix of the figure. */
const chooserAxes = () => figureNow().axes.slice(0, -2);


/** The places on these axes. @returns {number[]} */
function placesNow() {
  const places = state.at === '' && state.figure === ids[0] ? data.opening : String(state.at).split('.').map(Number);
  return chooserAxes().map(({ labels }, i) => (places[i] < labels.length ? places[i] : 0));
}

/** The rows and the columns of the matrix. @returns {[Axis, Axis]} */
const sidesNow = () => /** @type {[Axis, Axis]} */ (figureNow().axes.slice(-2));

/** The numbers of the matrix that is shown, row by row; NaN for none. */
function matrixNow() {
  const [rows, columns] = sidesNow();
  const size = rows.labels.length * columns.labels.length;
  const index = chooserAxes().reduce((sum, { labels }, i) => sum * labels.length + placesNow()[i], 0);
  return /** @type {Float32Array} */ (decoded.get(state.figure)).subarray(index * size, (index + 1) * size);
}

/** @param {Iterable<number>} numbers */
function largestOf(numbers) {
  let most = 0;
  for (const number of numbers) most = Math.max(most, Number.isNaN(number) ? 0 : Math.abs(number));
  return most;
}

/** @param {URLSearchParams} from */
async function read(from) {
  const at = from.get('a') ?? '';
  if (/^\d{1,6}(\.\d{1,6})*$/.test(at)) state.at = at;
  await decode(state.figure);
  const [rows, columns] = sidesNow();
  const [row, column] = (from.get('n') ?? '').split('.').map(Number);
  if (row < rows.labels.length && column < columns.labels.length) state.sel = `${row}.${column}`;
}

/**
 * Shows another figure or matrix.
 * @param {Record<string, string>} change
 */
async function go(change) {
  if (change.figure) await decode(change.figure);
  set({ sel: '', ...change });
}
