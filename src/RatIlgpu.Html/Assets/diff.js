// @ts-check
// The page of two checkpoints: shows the state, and turns the reader's actions into changes of the state.

function render() {
  root.dataset.measure = state.measure;
  root.dataset.scale = state.scale;
  root.dataset.text = state.text;
  byId('measure').value = state.measure;
  showGrid();
  showMatrix();
  showRanks();
  showText();
  showOver();
  revealToken();
}

let revealed = '';

/** Scrolls the text to the token that is kept, when another one is. */
function revealToken() {
  const isOther = state.sel[0] === 't' && state.sel !== revealed;
  revealed = state.sel;
  const token = strip[Number(state.sel.split('.')[1])];
  if (isOther && token) scrollToToken(byId('toks'), token, 0);
}

/** Outlines what the pointer is at, or else what is kept, and tells its numbers. */
function showOver() {
  const name = isThere(state.over) ? state.over : state.sel;
  const head = keys.indexOf(name);
  grid.outline(head < 0 ? null : Math.floor(head / data.heads), head < 0 ? null : head % data.heads);
  const [row, column] = name[0] === 'w' ? name.slice(1).split('.').map(Number) : [null, null];
  matrix.outline(row, column);
  strip.forEach((token, i) => {
    const own = `t${state.text}.${i}`;
    mark(token, 'data-over', state.over === own);
    mark(token, 'aria-current', state.sel === own && 'true');
  });
  for (const element of document.querySelectorAll('[data-n]')) {
    const { n } = /** @type {HTMLElement} */ (element).dataset;
    mark(element, 'data-on', n === state.sel);
    mark(element, 'data-over', n === state.over);
    if (element.localName === 'button') press(element, n === state.sel);
  }
  if (head >= 0) showInfo('head', headDetails(head));
  else if (name[0] === 'w') showInfo('weight', weightDetails(weightPlaces.get(name.slice(1)) ?? 0));
  else if (name[0] === 't') showInfo('token', tokenDetails(name.slice(1)));
  else showInfo('', [['Point at a head, a weight or a token.'],
    ...(data.cosines ? cosineDetails(data.cosines) : [])]);
}

/** @param {number[]} cosines @returns {[string, string?][]} */
const cosineDetails = (cosines) => [['Mean cosine between the streams of A and B after each layer:'],
  ...cosines.map((cosine, layer) => /** @type {[string, string]} */ ([`Layer ${layer}`, cosine.toFixed(4)]))];

/**
 * Returns the name of the mark that an element shows.
 * @param {Element} element
 */
function nameAt(element) {
  const cell = cellOf(element);
  if (cell && byId('grid').contains(element)) return keys[cell[0] * data.heads + cell[1]];
  if (cell) return weightPlaces.has(cell.join('.')) ? `w${cell.join('.')}` : '';
  const { n, i, at } = /** @type {HTMLElement | null} */ (element.closest('[data-n], .t, [data-at]'))?.dataset ?? {};
  return n ?? (at ? 't' + at : i === undefined ? '' : `t${state.text}.${i}`);
}

/**
 * Returns the tool tip of an element; empty for none.
 * @param {Element} element
 */
function describe(element) {
  const name = nameAt(element);
  const [head, measure] = [keys.indexOf(name), measureNow()];
  if (head >= 0 && measure)
    return `${headNames[head]} · ${measure.name}: ${shown(measure.values[head], measure.percent)}`;
  if (name[0] === 'w') {
    const { title, layer, numbers } = weights[weightPlaces.get(name.slice(1)) ?? 0];
    return `Layer ${layer} · ${title}: ${shown(numbers[0], true)}, rank ${rankText(numbers[3])}`;
  }
  if (name[0] !== 't' || element.closest('[data-at]')) return '';
  const position = Number(name.split('.')[1]);
  return `${named(words, position)} · KL(A ‖ B): ${short(texts[Number(state.text)].kl[position])} nats`;
}

/** @param {string[]} all @param {string} now @param {number} by */
const beside = (all, now, by) => all[(all.indexOf(now) + by + all.length) % all.length];

/** @param {number} by */
const stepHead = (by) => set({
  sel: selectedHead() < 0 ? keys[by > 0 ? 0 : headCount - 1] : beside(keys, state.sel, by), over: '',
});

/** @param {number} by */
const stepMeasure = (by) => measures.length > 0 && set({ measure: beside(measureIds, state.measure, by) });

/** @param {number} by */
const stepText = (by) => texts.length > 0 && set({ text: beside(choices.text, state.text, by), sel: '' });

on(document, 'click', ({ target }) => {
  const name = target.closest('button[data-n], .t, [data-at]') ? nameAt(target) : '';
  if (name[0] === 't') state.text = name.slice(1).split('.')[0];
  if (name) pick(name);
});

start({
  initial, address, choices, read, render, showOver, nameAt, describe, find, pickNext,
  keys: {
    'Escape': () => set({ sel: '', over: '' }),
    ']': () => stepHead(1),
    '[': () => stepHead(-1),
    '}': () => stepText(1),
    '{': () => stepText(-1),
    '.': () => stepMeasure(1),
    ',': () => stepMeasure(-1),
  },
});
