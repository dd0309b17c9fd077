// @ts-check
// The page of a study: shows the state, and turns the reader's actions into changes of the state.

function render() {
  for (const name of ['condition', 'measure', 'sample', 'order', 'turn']) root.dataset[name] = String(state[name]);
  byId('condition').value = state.condition;
  drawText();
  showGrid();
  showTable();
  showLayers();
  shadeText();
  showChanges();
  showAttention();
  showLengths();
  showOver();
}

/** @type {[number, number] | null} the cell of the grid under the pointer */
let overCell = null;

function showOver() {
  const position = focused();
  outlineGrid(overCell);
  outlineText(positionOf(state.over), positionOf(state.sel));
  outlineAttention(position);
  showThrough();
  showPositions();
  showDetails();
  for (const row of byId('changes').children)
    mark(row, 'data-on', /** @type {HTMLElement} */ (row).dataset.p === String(position));
}

/**
 * Returns the position that an element shows.
 * @param {Element} element
 */
function nameAt(element) {
  const cell = cellOf(element);
  overCell = byId('grid').contains(element) ? cell : null;
  // Cells of the grid are no positions, but each has its own outline.
  if (overCell) return 'g' + overCell.join();
  if (cell) return String(byId('lengths').contains(element) ? cell[1] : sample().first + cell[0]);
  const shown = /** @type {HTMLElement | null} */ (element.closest('.t, [data-p]'));
  return shown ? shown.dataset.i ?? shown.dataset.p ?? '' : '';
}

/**
 * Returns the tool tip of an element; empty for none.
 * @param {Element} element
 */
function describe(element) {
  const cell = cellOf(element);
  if (cell && byId('grid').contains(element)) return describeCell(gridNow().at(...cell));
  const tip = describePattern(element) || describeLength(element);
  if (tip !== '') return tip;
  const place = /** @type {HTMLElement | null} */ (element.closest('.hold'))?.dataset.p ?? '';
  if (place.startsWith('l')) return describeLayer(Number(place.slice(1)));
  const position = positionOf(nameAt(element));
  if (position < 0) return '';
  const at = position - sample().first;
  if (at < 0) return `${named(words, position)}: nothing changes before the changed position.`;
  const [shown] = shownLayers();
  const { projection, cosine, divergence } = effect();
  return `${named(words, position)}: NIP ${short(projection[shown][at])}, cosine ${short(cosine[shown][at])}, `
    + `KL ${divergence[at].toPrecision(3)}`;
}

/** @param {number} layer */
function describeLayer(layer) {
  const { layer: first, projection, cosine } = condition();
  return `Layer ${layer}: NIP ${spreadText(projection[layer - first])}, cosine ${spreadText(cosine[layer - first])}`;
}

function pickNext() {
  if (hits.length > 0) set({ over: '', sel: String(state.sel === '' ? hits[0] : hitAfter(hits, Number(state.sel))) });
}

on(document, 'click', ({ target }) => {
  const shown = target.closest('.t, .hold[data-p], #changes button');
  const name = shown?.dataset.i ?? shown?.dataset.p ?? '';
  if (positionOf(name) >= 0) pick(name);
});
on(byId('condition'), 'change', () => choose(Number(byId('condition').value)));
on(byId('sample'), 'change', () => chooseSample(Number(byId('sample').value)));
for (const name of ['layer', 'head']) on(byId(name), 'change', () => set({ [name]: byId(name).value }));
followWidth(['through', 'outputs', 'divergences']);

start({
  initial, address, choices, read, render, showOver, nameAt, describe, find, pickNext,
  keys: {
    'Escape': () => set({ sel: '' }),
    ']': () => stepCondition(1),
    '[': () => stepCondition(-1),
    '}': () => chooseSample(state.sample + 1),
    '{': () => chooseSample(state.sample - 1),
  },
});
