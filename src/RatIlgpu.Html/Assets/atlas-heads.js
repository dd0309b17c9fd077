// @ts-check
// Roles and scores of all heads as matrices, and the details of one.

const matrix = byId('matrix');
/** @type {HTMLElement[]} */
const cells = [...matrix.querySelectorAll('td[data-n]')];

const grid = heatMap(byId('grid'), {
  label: 'Scores by layer and head. Arrow keys move, Enter selects.',
  pick: (row, column) => pick(row * data.heads + column),
});

function showGrid() {
  const score = scoreIds.indexOf(state.score);
  if (score < 0 || !isNew('grid', state.score, state.measure, state.scale)) return;
  const name = measureOf(score);
  const { low, high } = rangeOf(score, [name]);
  const most = Math.max(high, -low);
  const signed = low < 0;
  const { attention } = scores[score];
  const at = (/** @type {number} */ row, /** @type {number} */ column) =>
    scoreOf(score, row * data.heads + column, name);
  grid.show({
    rows: data.layers, columns: data.heads, rowTitle: 'Layer', columnTitle: 'Head', signed,
    shade: (row, column) => {
      const value = at(row, column);
      return value === null ? null
        : state.scale === 'root' ? Math.sign(value) * Math.sqrt(Math.abs(value) / most) : value / most;
    },
    text: (row, column) => cellText(at(row, column), attention),
    rowLabel: String, columnLabel: String, cell: { width: [22, 44], height: [21, 21] },
  });
  for (const [kind, isShown] of /** @type {[string, boolean][]} */ ([['unsigned', !signed], ['signed', signed]])) {
    byId(kind + '-low').parentNode.hidden = !isShown;
    byId(kind + '-low').textContent = signed ? short(-most) : '0';
    byId(kind + '-high').textContent = short(most) + (state.scale === 'root' ? ', √' : '');
  }
  byId('legend').textContent = measureNames[name] + (attention ? ', cells in %' : unitOf(score));
  byId('meaning').textContent = scores[score].meaning;
  for (const button of document.querySelectorAll('[data-set=measure]'))
    /** @type {any} */ (button).disabled = !hasMeasure(score, /** @type {any} */ (button).value);
}

/** Returns what stands in a cell: percent of attention, or two digits. @param {number | null} value */
function cellText(value, attention) {
  if (value === null) return '╱╱';
  // Small numbers would hide the large ones.
  if (attention) return Math.abs(value) < .05 ? '' : (value * 100).toFixed(0);
  const text = Math.abs(value) >= 10 ? value.toFixed(0) : value.toFixed(1).replace('0.', '.');
  return Number(text) === 0 || text.length > 3 ? '' : text;
}

/** Outlines the head in focus, wherever it is drawn. */
function showHeadFocus() {
  const [over, sel] = [keys.includes(state.over) ? focused() : -1, selected()];
  const shown = over >= 0 ? over : sel;
  grid.outline(shown < 0 ? null : Math.floor(shown / data.heads), shown < 0 ? null : shown % data.heads);
  for (const element of document.querySelectorAll('[data-n]')) {
    const { n } = /** @type {HTMLElement} */ (element).dataset;
    mark(element, 'data-over', n === keys[over]);
    mark(element, 'data-on', n === state.sel);
  }
  cells.forEach((cell, i) => {
    mark(cell, 'aria-selected', i === sel && 'true');
    if (cell.tabIndex === 0 && i !== cardHead() && document.activeElement !== cell) cell.tabIndex = -1;
  });
  if (!matrix.querySelector('td[tabindex="0"]')) cells[cardHead()].tabIndex = 0;
  showHeadDetails();
}

function showHeadDetails() {
  const head = focused();
  const score = scoreIds.indexOf(state.score);
  const low = score < 0 ? null : scoreOf(score, head, 'low');
  /** @type {(name: string) => string} */
  const number = (name) => short(scoreOf(score, head, name));
  showInfo('head', [
    ['Head', headNames[head]], ['Key/value head', data.all[head].kv],
    ...(data.all[head].peak === undefined ? [] : [/** @type {[string, number]} */ (
      ['Peak distance', data.all[head].peak])]),
    ...(data.all[head].roles ?? []).map(([role, , confidence, verdict]) => /** @type {[string, string]} */ (
      [
        roles[role][0],
        short(confidence) + (verdict === null ? '' : ` ${verdicts[verdict][1]} ${verdicts[verdict][0]}`),
      ])),
    ...(data.all[head].roles ? [] : [/** @type {[string]} */ (['No role'])]),
    ...(score < 0 ? [] : /** @type {[string, string?][]} */ ([
      [scores[score].name + ':'], ['Raw', number('raw') + unitOf(score)], ['Excess', number('excess')],
      ['Interval', low === null ? '–' : `${short(low)} to ${number('high')}`], ['Chance', number('chance')],
      ['Without first', number('noFirst')], ['Without self', number('noSelf')],
      ['n', short(scoreOf(score, head, 'count'), 0)],
    ])),
    ...(data.cards.some((card) => card.head === head) ? [/** @type {[string]} */ (['Has a full card.'])] : []),
  ]);
}

rove(matrix, 'td[data-n]', (from, key) => {
  const at = cells.indexOf(from);
  const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -data.heads, ArrowDown: data.heads }[key];
  const first = at - (at % data.heads);
  return step !== undefined ? cells[at + step] : { Home: cells[first], End: cells[first + data.heads - 1] }[key];
});

/** The heads that the search finds, by name or role. @type {number[]} */
let hits = [];

function find() {
  const wanted = state.q.trim().toLowerCase();
  hits = wanted === '' ? [] : data.all.flatMap((_, head) => (
    headNames[head].toLowerCase().startsWith(wanted) || keys[head] === wanted
    || (data.all[head].roles ?? []).some(([role]) => roles[role][0].toLowerCase().startsWith(wanted)) ? [head] : []));
  markHits(cells, hits);
}

function pickNext() {
  if (hits.length > 0) set({ sel: keys[hitAfter(hits, selected())], example: '0', token: '' });
}
