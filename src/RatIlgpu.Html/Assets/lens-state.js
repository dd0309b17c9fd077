// @ts-check
// What the reader of the lens page can choose, and what the choices mean.

const last = data.states.length - 1;

/** @param {string} id of a control @returns {string[]} */
const valuesOf = (id) => Array.from(byId(id).options, ({ value }) => value);

const choices = {
  metric: valuesOf('metric'),
  states: ['all', 'layers'],
  input: ['bottom', 'top'],
  line: valuesOf('line'),
  of: ['cell', ...(document.querySelector('[data-set=of]') ? ['mean'] : [])],
};
const address = { n: 'sel', s: 'prompt', m: 'metric', r: 'states', i: 'input', l: 'line', o: 'of' };

// More rows than these do not fit beside the plot.
const mostRows = 33;

/** `sel` and `over` are a state and a position, such as 2.13, or empty; `prompt` counts from 1. */
const initial = {
  prompt: 1, metric: choices.metric[0], states: last < mostRows ? 'all' : 'layers', input: 'bottom',
  line: choices.line[0], of: 'cell',
};

/** The predictions of the prompt that is shown. @type {Cells} */
let cells;
let shownPrompt = -1;

const prompt = () => data.prompts[state.prompt - 1];

/** The text of the prompt, as the strip draws it. @type {Prompt} */
let words;

/** @param {number} number */
async function openPrompt(number) {
  cells = await cellsOf(number - 1);
  state.prompt = number;
  shownPrompt = number;
  const { at, mask, positions } = prompt();
  const shown = Object.fromEntries(at.flatMap((place, i) => (data.shown[place] ? [[i, data.shown[place]]] : [])));
  words = { target: positions[positions.length - 1], tokens: at.map((place) => data.tokens[place]), shown, mask };
}

/** Returns the states of the rows, from the top. */
function shownStates() {
  const rows = data.states.flatMap((name, i) => (state.states === 'all' || !name.endsWith('_mid') ? [i] : []));
  return state.input === 'bottom' ? rows.reverse() : rows;
}

/**
 * Returns the cell of a name: its state, its position, and its place among the numbers.
 * @param {string} name
 */
function cellAt(name) {
  const [row, position] = name.split('.').map(Number);
  const column = /^\d+\.\d+$/.test(name) ? prompt().positions.indexOf(position) : -1;
  return column < 0 || row > last ? null
    : { state: row, position, column, index: column * data.states.length + row };
}

/** @param {number} row @param {number} position */
const nameOf = (row, position) => `${row}.${position}`;

/** Returns the picked cell, or else the final one of the last position. */
const pickedCell = () => /** @type {NonNullable<ReturnType<typeof cellAt>>} */ (
  cellAt(state.sel) ?? cellAt(nameOf(last, words.target)));

/** Returns the cell that the panels are about: that under the pointer or the keyboard, or else the picked one. */
const focused = () => cellAt(state.over) ?? pickedCell();

/** @param {string} sel */
const pick = (sel) => set({ sel: state.sel === sel ? '' : sel });

/** @param {URLSearchParams} from */
async function read(from) {
  const number = Number(from.get('s') ?? 1);
  await openPrompt(data.prompts[number - 1] ? number : 1);
  const sel = from.get('n') ?? '';
  if (cellAt(sel)) state.sel = sel;
}

/**
 * @typedef {{ shade: (cell: number) => number | null, show: (cell: number) => string, name: string, low: string,
 *   high: string, signed?: boolean }} Metric
 */

/** @param {number | undefined | null} number */
const known = (number) => (number === undefined || number === null || !Number.isFinite(number) ? null : number);

/** @param {number | null} number */
const short = (number) => (number === null ? '–' : number.toFixed(3));

/**
 * Returns what colours the cells.
 * @returns {Metric}
 */
function metricOf() {
  const { ranges, names, directions } = data;
  const place = Number(state.metric.slice(1));
  const top = (/** @type {number} */ cell) => likelyAt(cells.top, cell, 0);
  const own = (/** @type {number} */ cell) => likelyAt(cells.followed, cell, place);
  const name = names[place];
  switch (state.metric.replace(/\d+$/, '')) {
    case 'top': return chanceMetric(top, 'the top token');
    case 'top-logit': return linear((cell) => known(top(cell)?.logit), 'Logit of the top token', ranges.topLogit);
    case 'p': return chanceMetric(own, name);
    case 'l': return linear((cell) => known(own(cell)?.logit), 'Logit of ' + name, ranges.logit);
    case 'r': return {
      shade: (cell) => rankShade(own(cell)?.rank), show: (cell) => 'rank ' + (own(cell)?.rank ?? '–'),
      name: `Rank of ${name}, logarithmic`, low: String(ranges.rank), high: '1',
    };
    case 'kl': return linear((cell) => known(cells.kl[cell]), 'KL(final ‖ state), nats', [0, ranges.kl]);
    case 'entropy': return linear((cell) => known(cells.entropy[cell]), 'Entropy, nats', [0, ranges.entropy]);
  }
  const most = ranges.projection || 1;
  const along = (/** @type {number} */ cell) =>
    known(projectionsOf(cells, cell).find(({ direction }) => direction === place)?.value);
  return {
    shade: (cell) => {
      const value = along(cell);
      return value === null ? null : value / most;
    },
    show: (cell) => short(along(cell)), name: 'Direction ' + isolated(clip(directions[place], 40)),
    low: (-most).toFixed(2), high: '+' + most.toFixed(2), signed: true,
  };
}

/**
 * @param {(cell: number) => Likely | null} of
 * @param {string} whose
 * @returns {Metric}
 */
const chanceMetric = (of, whose) => ({
  shade: (cell) => known(of(cell)?.probability), show: (cell) => chanceText(of(cell)?.probability),
  name: 'Probability of ' + whose, low: '0', high: '1',
});

/**
 * @param {(cell: number) => number | null} number
 * @param {string} name
 * @param {number[]} range
 * @returns {Metric}
 */
const linear = (number, name, [low, high]) => ({
  shade: (cell) => {
    const value = number(cell);
    return value === null ? null : high > low ? (value - low) / (high - low) : 0;
  },
  show: (cell) => short(number(cell)), name, low: low.toFixed(2), high: high.toFixed(2),
});

/** @param {number | undefined} rank */
const rankShade = (rank) =>
  (rank === undefined ? null : data.ranges.rank > 1 ? 1 - Math.log(rank) / Math.log(data.ranges.rank) : 1);

/** @param {number | undefined} chance */
const chanceText = (chance) => {
  if (chance === undefined || !Number.isFinite(chance)) return '–';
  return chance > 0 && chance < 5e-6 ? (chance * 100).toExponential(1) + ' %' : percent(chance);
};
