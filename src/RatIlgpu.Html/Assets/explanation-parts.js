// @ts-check
// The pairs as a matrix, their sums as bars, and the text of the prompt.

const heat = heatMap(byId('heat'), {
  label: 'Pairs of parts. Arrow keys move, Enter keeps.', pick: (row, column) => pick(pairName(row, column)),
});
const keyBars = byId('key-bars');
const queryBars = byId('query-bars');
const mostBars = 500; // elements; more parts are summed

/** The parts of the rows and of the columns of the matrix, as they were drawn last. @type {[number[], number[]]} */
let places = [[], []];

/** @param {number} row @param {number} column */
const pairName = (row, column) =>
  `${queryPartsOf(shownView())[places[0][row]]}@${keyPartsOf(shownView())[places[1][column]]}`;

function showMatrix() {
  const view = shownView();
  if (!isNew('matrix', views.indexOf(view), state.order)) return;
  const { byQuery, byKey, pairs, most } = shownNumbers();
  const [queryParts, keyParts] = [queryPartsOf(view), keyPartsOf(view)];
  places = [orderOf(byQuery), orderOf(byKey)];
  const [rows, columns] = places;
  // Cells of a large matrix are square, so that more of it is seen at once. Each has room for its labels, as heads that
  // are split by token have hundreds: the matrix scrolls then.
  const [wide, high] = columns.length > 48 ? [20, 20] : [26, 18];
  heat.show({
    rows: rows.length, columns: columns.length, signed: true,
    shade: (row, column) => pairs[rows[row] * keyParts.length + columns[column]] / most,
    rowLabel: (row) => partName(queryParts[rows[row]]), columnLabel: (column) => partName(keyParts[columns[column]]),
    rowTitle: 'part of the query', columnTitle: 'part of the key', cell: { width: [14, wide], height: [14, high] },
  });
  byId('domain-low').textContent = '−' + most.toFixed(2);
  byId('domain-high').textContent = '+' + most.toFixed(2);
  byId('balance').textContent = view.balance;
}

/**
 * Returns the bars of the parts of a side, and the sum of those that are too many to show.
 * @param {string[]} parts
 * @param {Float64Array} sums
 * @returns {(Bar & { place: number })[]} place is -1 of the sum of others
 */
function barsOfParts(parts, sums) {
  const kept = orderOf(sums).slice(0, mostBars);
  const bars = kept.map((place) => ({ name: partName(parts[place]), value: sums[place], place }));
  const rest = sums.reduce((sum, value) => sum + value, 0) - bars.reduce((sum, { value }) => sum + value, 0);
  return parts.length > kept.length
    ? [...bars, { name: `${parts.length - kept.length} more`, value: rest, place: -1 }] : bars;
}

function showBars() {
  const view = shownView();
  const { byQuery, byKey, without } = shownNumbers();
  if (isNew('bars', views.indexOf(view), state.order)) {
    const [queryParts, keyParts] = [queryPartsOf(view), keyPartsOf(view)];
    const [queries, keys] = [barsOfParts(queryParts, byQuery), barsOfParts(keyParts, byKey)];
    fillBars(queryBars, queries.map((bar) => barOf(
      bar, endOf(queries), bar.place < 0 ? null : queryParts[bar.place] + '@', signed(bar.value))));
    fillBars(keyBars, keys.map((bar) => barOf(
      bar, endOf(keys), bar.place < 0 ? null : '@' + keyParts[bar.place], signed(bar.value),
      bar.place < 0 ? '' : share(without[bar.place]))));
    byId('key-columns').textContent = `adds, attention without it here (now ${share(view.attention)})`;
    byId('query-columns').textContent = 'adds';
  }
  const { query, key } = markOf(state.sel);
  for (const bar of barsOf(queryBars)) press(bar, query !== '' && bar.dataset.row === query + '@');
  for (const bar of barsOf(keyBars)) press(bar, key !== '' && bar.dataset.row === '@' + key);
}

const strip = byId('toks');
/** @type {HTMLElement[]} */
let tokens = [];

function showText() {
  const link = shownLink();
  const prompt = shownPrompt();
  if (isNew('text', link.prompt)) {
    strip.replaceChildren();
    tokens = drawStrip(strip, { ...prompt, target: link.query });
    find();
  }
  const keys = shownGroup().map(({ key }) => key);
  const { token } = markOf(state.sel);
  tokens.forEach((element, i) => {
    mark(element, 'data-h', Math.round(7 * Math.sqrt(link.row[i] ?? 0)) || null);
    mark(element, 'aria-current', i === link.query && 'true');
    mark(element, 'data-on', i === link.key);
    mark(element, 'data-key', i !== link.key && keys.includes(i));
    press(element, i === token);
  });
  byId('attention-command').textContent = 'ratilgpu attention --heads ' + link.head;
  byId('attention-state').textContent = 'attention.html' + link.address;
}

/** Outlines what the pointer is at, or else what is kept. */
function showOver() {
  const { query, key, token } = markOf(isThere(state.over) && state.over ? state.over : state.sel);
  const [row, column] = [
    places[0].findIndex((place) => queryPartsOf(shownView())[place] === query),
    places[1].findIndex((place) => keyPartsOf(shownView())[place] === key)];
  heat.outline(row < 0 ? null : row, column < 0 ? null : column);
  for (const bar of barsOf(queryBars)) mark(bar, 'data-over', query !== '' && bar.dataset.row === query + '@');
  for (const bar of barsOf(keyBars)) mark(bar, 'data-over', key !== '' && bar.dataset.row === '@' + key);
  tokens.forEach((element, i) => mark(element, 'data-over', state.over !== '' && i === token));
  showDetails({ query, key, token });
}

const hits = () => hitsOf(shownPrompt(), state.q);

function find() {
  markHits(tokens, hits());
}

function pickNextHit() {
  const next = hitAfter(hits(), markOf(state.sel).token);
  if (next === undefined) return;
  set({ sel: String(next) });
  scrollToToken(strip, tokens[next]);
}

moveInStrip(strip, () => tokens);
moveInBars(keyBars);
moveInBars(queryBars);
