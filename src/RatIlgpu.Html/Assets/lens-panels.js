// @ts-check
// The grid, the details and the text of the lens page.

const grid = heatMap(byId('grid'), {
  label: 'States by position. Arrow keys move, Enter selects.',
  pick: (row, column) => pick(nameOf(shownStates()[row], prompt().positions[column])),
});

/** What the grid shows, so that it is drawn anew only where it changes. */
let drawnGrid = '';
/** @type {HTMLElement[]} */
let strip = [];
let drawnText = -1;

/** @type {number[]} */
let rows = [];

function showGrid() {
  const wanted = [shownPrompt, state.metric, state.states, state.input].join();
  if (wanted === drawnGrid) return;
  drawnGrid = wanted;
  rows = shownStates();
  const { positions } = prompt();
  const metric = metricOf();
  const cell = (/** @type {number} */ row, /** @type {number} */ column) => column * data.states.length + rows[row];
  const height = Math.max(17, Math.min(44, Math.floor(470 / rows.length)));
  grid.show({
    rows: rows.length, columns: positions.length, rowTitle: 'State', columnTitle: 'Token', signed: metric.signed,
    shade: (row, column) => metric.shade(cell(row, column)),
    text: (row, column) => topText(cell(row, column), 14),
    rowLabel: (row) => data.states[rows[row]],
    columnLabel: (column) => clip(tokenText(words, positions[column]), 14),
    cell: { width: [46, 110], height: [height, height] },
  });
  for (const [name, isShown] of /** @type {[string, boolean][]} */ (
    [['unsigned', !metric.signed], ['signed', Boolean(metric.signed)]])) {
    byId(name + '-low').parentNode.hidden = !isShown;
    byId(name + '-low').textContent = metric.low;
    byId(name + '-high').textContent = metric.high;
  }
  byId('legend').textContent = metric.name;
}

/**
 * Returns the most probable token of a cell.
 * @param {number} cell
 * @param {number} length
 */
function topText(cell, length) {
  const top = likelyAt(cells.top, cell, 0);
  return top ? clip(textAt(top.token), length) : '';
}

function drawText() {
  if (drawnText === shownPrompt) return;
  drawnText = shownPrompt;
  byId('toks').replaceChildren();
  strip = drawStrip(byId('toks'), words);
  const read = new Set(prompt().positions);
  strip.forEach((token, i) => mark(token, 'data-unread', !read.has(i)));
}

function showText() {
  const metric = metricOf();
  const { state: row } = pickedCell();
  byId('text-shade').textContent = `${metric.name}, in ${data.states[row]}`;
  prompt().positions.forEach((position, column) => {
    const shade = metric.shade(column * data.states.length + row);
    mark(strip[position], 'data-h', !metric.signed && shade !== null && Math.round(shade * 7) || null);
    mark(strip[position], 'data-v', metric.signed && shade !== null ? Math.round(shade * 6) : null);
  });
}

/** Outlines the cell in focus, in the grid and in the text. */
function showOver() {
  const [over, picked] = [cellAt(state.over), cellAt(state.sel)];
  const shown = over ?? picked;
  const row = shown ? rows.indexOf(shown.state) : -1;
  grid.outline(row < 0 ? null : row, shown ? shown.column : null);
  strip.forEach((token, i) => {
    mark(token, 'data-over', over?.position === i);
    mark(token, 'aria-current', picked?.position === i && 'true');
  });
  showDetails();
  showPlot();
}

function showDetails() {
  const { state: row, position, index } = focused();
  const top = likelyOf(cells.top, index);
  const followed = likelyOf(cells.followed, index);
  const next = words.tokens.length > position + 1 ? named(words, position + 1) : '';
  showInfo('cell', [
    ['State', data.states[row]],
    ['After', named(words, position)],
    ...(next ? [/** @type {[string, string]} */ (['Next in the prompt', next])] : []),
    ...(top.length > 0 ? [/** @type {[string, string]} */ (['Most probable', 'probability · logit'])] : []),
    ...top.map(({ token, rank, probability, logit }) => /** @type {[string, string]} */ (
      [`${rank}  ${isolated(clip(textAt(token), 24))}`, `${chanceText(probability)} · ${short(known(logit))}`])),
    ...followed.map(({ token, rank, probability, logit }) => /** @type {[string, string]} */ (
      [`Followed ${isolated(clip(textAt(token), 24))}`,
        `rank ${rank} · ${chanceText(probability)} · ${short(known(logit))}`])),
    ['KL(final ‖ state)', short(known(cells.kl[index])) + ' nats'],
    ['Entropy', short(known(cells.entropy[index])) + ' nats'],
    ...projectionsOf(cells, index).map(({ direction, value }) => /** @type {[string, string]} */ (
      ['Direction ' + isolated(clip(data.directions[direction], 24)), short(known(value))])),
  ]);
}

/**
 * Returns the name of the cell that an element shows; a token stands for its cell in the picked state.
 * @param {Element} element
 */
function nameAt(element) {
  const cell = cellOf(element);
  if (cell) return nameOf(rows[cell[0]], prompt().positions[cell[1]]);
  const shown = /** @type {HTMLElement | null} */ (element.closest('.t, #plot .hold'));
  if (!shown) return '';
  const name = shown.dataset.cell ?? nameOf(pickedCell().state, Number(shown.dataset.i));
  return cellAt(name) ? name : '';
}

/**
 * Returns the tool tip of an element; empty for none.
 * @param {Element} element
 */
function describe(element) {
  const shown = cellAt(nameAt(element));
  if (!shown) return element.closest('.t') ? 'The states of this position were not read.' : '';
  const { state: row, position, index } = shown;
  const metric = metricOf();
  const top = likelyAt(cells.top, index, 0);
  const likeliest = top ? ` · ${isolated(clip(textAt(top.token), 24))} ${chanceText(top.probability)}` : '';
  const number = state.metric === 'top' ? '' : ` · ${metric.name}: ${metric.show(index)}`;
  return `${data.states[row]} after ${named(words, position)}${likeliest}${number}`;
}
