// @ts-check
// The atlas page: shows the state, and turns the reader's actions into changes of the state.

const pickers = { score: 'score', ranked: 'score', x: 'x', y: 'y', colour: 'colour' };

function render() {
  for (const name of ['score', 'measure', 'scale', 'order', 'example', 'token'])
    root.dataset[name] = state[name];
  for (const [id, name] of Object.entries(pickers)) byId(id).value = state[name];
  showGrid();
  showPlane();
  showRanks();
  showCard();
  showDeep();
  showOver();
}

/** Shows the full card of the head, if it has one, as soon as it is decoded. */
function showDeep() {
  const place = cardPlace();
  byId('deep').hidden = place < 0;
  byId('no-deep').hidden = place >= 0;
  if (place < 0) return;
  if (!decodedCards.has(place)) {
    decodeCard(place).then(() => place === cardPlace() && render());
    return;
  }
  showMaps();
  showVectors();
  showExamples();
}

function showOver() {
  showHeadFocus();
  showPoint();
  if (shownCard() && data.cards[cardPlace()].examples.length > 0) showKeys();
}

/**
 * Returns the name of the mark that an element shows.
 * @param {Element} element
 */
function nameAt(element) {
  const cell = byId('grid').contains(element) ? cellOf(element) : null;
  if (cell) return keys[cell[0] * data.heads + cell[1]];
  const shown = /** @type {HTMLElement | null} */ (element.closest('[data-n], .t, [data-point]'));
  if (!shown) return '';
  const { n, i, point } = shown.dataset;
  return n ?? (i === undefined ? 'v' + point : 't' + i);
}

/**
 * Returns the tool tip of an element; empty for none.
 * @param {Element} element
 */
function describe(element) {
  const tip = /** @type {HTMLElement | null} */ (element.closest('[data-tip]'))?.dataset.tip;
  const name = nameAt(element);
  if (name === '') return tip ?? describeMap(element);
  if (name[0] === 'v') return describePoint(Number(name.slice(1)));
  if (name[0] === 't') return named(words, Number(name.slice(1)));
  const head = keys.indexOf(name);
  if (element.closest('#dots')) return describeDot(head, scoreIds.indexOf(state.x), scoreIds.indexOf(state.y));
  const score = scoreIds.indexOf(state.score);
  if (score < 0 || element.closest('#matrix, .by-role')) return `${headNames[head]}: ${rolesText(head)}`;
  const value = measureOf(score);
  return `${headNames[head]} · ${scores[score].name}: ${short(scoreOf(score, head, 'raw'))}${unitOf(score)}, `
    + `${value === 'raw' ? 'excess' : measureNames[value]} `
    + `${short(scoreOf(score, head, value === 'raw' ? 'excess' : value))} · ${rolesText(head)}`;
}

/** @param {string[]} all @param {string} now @param {number} by */
const beside = (all, now, by) => all[(all.indexOf(now) + by + all.length) % all.length];

/** @param {number} by */
const stepHead = (by) => set({ sel: beside(keys, keys[cardHead()], by), example: '0', token: '', over: '' });

/** @param {number} by */
function stepCard(by) {
  const full = data.cards.map(({ head }) => keys[head]);
  if (full.length > 0) set({ sel: beside(full, keys[cardHead()], by), example: '0', token: '', over: '' });
}

/** @param {number} by */
const stepScore = (by) => scores.length > 0 && set({ score: beside(scoreIds, state.score, by) });

on(document, 'click', ({ target }) => {
  const { n } = target.closest('td[data-n], .dot[data-n], button[data-n]')?.dataset ?? {};
  const { score } = target.closest('[data-score]:not(html)')?.dataset ?? {};
  const token = target.closest('.t')?.dataset.i;
  if (n !== undefined) pick(keys.indexOf(n));
  else if (score !== undefined) set({ score });
  else if (token !== undefined) set({ token: state.token === token ? '' : token });
});
for (const [id, name] of Object.entries(pickers)) on(byId(id), 'change', () => set({ [name]: byId(id).value }));

start({
  initial, address, choices, read, render, showOver, nameAt, describe, find, pickNext,
  keys: {
    'Escape': () => set({ sel: '', over: '', example: '0', token: '' }),
    ']': () => stepHead(1),
    '[': () => stepHead(-1),
    '}': () => stepCard(1),
    '{': () => stepCard(-1),
    '.': () => stepScore(1),
    ',': () => stepScore(-1),
    'm': () => set({ measure: beside(measures, state.measure, 1) }),
  },
});
