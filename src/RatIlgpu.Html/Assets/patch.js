// @ts-check
// The page of patches: shows the state, and turns the reader's actions into changes of the state.

function render() {
  for (const name of ['number', 'view', 'pair', 'stat']) root.dataset[name] = state[name];
  byId('view-title').textContent = titleNow();
  showPickers();
  showLegend();
  drawPrompts();
  drawHeats();
  if (diagram) {
    [byId('edges').value, byId('edges-shown').textContent] = [state.edges, state.edges];
    drawDiagram();
  }
  showLargest();
  showOver();
}

const titleNow = () => (isSpread() ? 'spread of ' : '') + state.number + ': ' + data.what;

function showOver() {
  outlineHeats();
  outlineTokens();
  if (diagram) outlineDiagram();
  showDetails();
}

/**
 * Returns the name of the mark that an element shows: a patch (c), a patch that is not there (x), a position (p), or
 * a head of the diagram (n); empty for none.
 * @param {Element} element
 */
function nameAt(element) {
  const patch = patchAt(element);
  if (patch !== null) return patch < 0 ? 'x' + (-1 - patch) : 'c' + patch;
  const shown = /** @type {HTMLElement | null} */ (element.closest('.pos, .nd, [data-edge], [data-pick]'));
  if (!shown) return '';
  const { i, node, edge, pick } = shown.dataset;
  return i !== undefined ? 'p' + i : node !== undefined ? 'n' + node : 'c' + (edge ?? pick);
}

/**
 * Returns the tool tip of an element; empty for none.
 * @param {Element} element
 */
function describe(element) {
  const name = nameAt(element);
  const number = Number(name.slice(1));
  if (name.startsWith('c')) {
    const { effect, recovery, metric } = shownNow().numbers;
    return `${nameOf(number)}: effect ${signedText(effect[number])}, `
      + `recovery ${numberText(recovery[number], 'recovery')}, metric ${numberText(metric[number])}`;
  }
  if (name.startsWith('x')) return `${nameOf(number)}: ${reasonOf(number)}`;
  if (name.startsWith('p')) {
    const { clean, corrupted } = pairNow();
    return `clean ${named(clean, number)} · corrupted ${named(corrupted, number)}`;
  }
  return '';
}

/** @param {string} name of a member @param {string[]} all @param {number} step */
const move = (name, all, step) =>
  set({ [name]: all[(all.indexOf(state[name]) + step + all.length) % all.length] });

on(document, 'click', ({ target }) => {
  const name = target.closest('.heat') ? '' : nameAt(target);
  const number = Number(name.slice(1));
  if (name.startsWith('p')) pickPosition(number);
  else if (name.startsWith('n')) pickNode(number);
  else if (name.startsWith('c')) toggle(allAxes, placesOf(number));
});
axes.forEach((_, i) => on(byId('axis-' + i), 'change', () =>
  keep(kept().map((place, axis) => (axis === i ? Number(byId('axis-' + i).value) : place)))));
if (hasSeveral) on(byId('pair'), 'change', () => {
  set({ pair: byId('pair').value });
  find();
});
if (diagram) on(byId('edges'), 'input', () => set({ edges: byId('edges').value }));

start({
  initial, address, choices, read, render, showOver, find, pickNext, nameAt, describe,
  keys: {
    'Escape': () => set({ sel: '' }),
    'm': () => move('number', kinds, 1),
    ...(groupSize(sources) > 1 && { 'v': () => move('view', choices.view, 1) }),
    ...(hasSeveral && { '{': () => move('pair', choices.pair, -1), '}': () => move('pair', choices.pair, 1) }),
  },
});
