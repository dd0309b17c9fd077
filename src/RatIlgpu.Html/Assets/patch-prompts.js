// @ts-check
// Both prompts, one above the other, token by token.

const both = byId('tokens');
let drawnPrompts = '';
/** @type {HTMLElement[]} */
let columns = [];

function drawPrompts() {
  const pair = pairNow();
  const { clean, corrupted } = shownNow();
  const isMean = state.pair === 'mean';
  byId('measured').replaceChildren(
    make('bdi', {}, isMean ? 'Mean of the metrics' : pair.metric),
    isMean ? '' : ` at ${pair.at.length === 1 ? 'position' : 'positions'} ${pair.at.join(', ')}`, ': clean ',
    make('b', {}, meanText(clean)), ', corrupted ', make('b', {}, meanText(corrupted)));
  byId('whose').textContent = isMean ? `Prompts of pair 1 of ${pairs.length}` : 'Prompts';
  const notice = byId('pair-notice');
  notice.textContent = hasSeveral && !isMean ? pair.notice : '';
  notice.hidden = notice.textContent === '';
  if (drawnPrompts !== state.pair) drawTokens(pair);
  drawnPrompts = state.pair;
  shadeTokens();
}

/** @param {number[]} mean and spread, or one number */
const meanText = ([mean, spread]) => numberText(mean) + (spread === undefined ? '' : ` ± ${numberText(spread)}`);

/** @param {Pair} pair */
function drawTokens({ clean, corrupted, at, padding }) {
  columns = clean.tokens.map((_, i) => /** @type {HTMLElement} */ (make('span', {
    class: 'pos', 'data-i': i, role: positionAxis < 0 ? 'img' : 'button', tabindex: i === 0 ? 0 : -1,
    'aria-label': `${i}: clean ${tokenText(clean, i)}, corrupted ${tokenText(corrupted, i)}`,
  }, make('span', { class: 'at' }, String(i)), ...[clean, corrupted].map((prompt) =>
    make('span', { class: 't', 'data-i': i, dir: 'auto' }, clip(tokenText(prompt, i), 60))))));
  columns.forEach((column, i) => {
    mark(column, 'data-differs', clean.ids[i] !== corrupted.ids[i]);
    mark(column, 'data-measured', at.includes(i));
    mark(column, 'data-pad', padding.includes(i));
  });
  const chunks = [];
  for (let start = 0; start < columns.length; start += chunkLength)
    chunks.push(make('div', { class: 'chunk' }, ...columns.slice(start, start + chunkLength)));
  both.replaceChildren(...chunks);
}

/** Colours the corrupted tokens by the strongest effect at their position. */
function shadeTokens() {
  if (positionAxis < 0) return;
  const { of, most } = strengthNow();
  const found = patchesOf({ title: '', rows: [positionAxis], columns: [] });
  columns.forEach((column, i) => {
    const index = found[i];
    const shade = index < 0 || most === 0 ? 0 : of[index] / most;
    const token = column.lastElementChild ?? column;
    mark(token, 'data-v', (!isSpread() && Math.round(shade * 6)) || null);
    mark(token, 'data-h', (isSpread() && Math.round(shade * 7)) || null);
  });
}

/** Outlines the tokens of the patch under the pointer, or else of the kept places. */
function outlineTokens() {
  const index = patchOver();
  const places = index === null ? kept() : placesOf(index);
  const over = [positionAxis, keyAxis].filter((axis) => axis >= 0).map((axis) => places[axis]);
  columns.forEach((column, i) => mark(column, 'data-over', over.includes(i) || state.over === 'p' + i));
  const at = positionAxis < 0 ? -1 : kept()[positionAxis];
  columns.forEach((column, i) => mark(column, 'aria-pressed', positionAxis < 0 ? null : String(i === at)));
}

rove(both, '.pos', (from, key) => {
  const here = Number(from.dataset.i);
  const there = { ArrowLeft: here - 1, ArrowRight: here + 1, Home: 0, End: columns.length - 1 }[key];
  return there === undefined ? null : columns[there] ?? from;
});

/** @param {number} position */
function pickPosition(position) {
  if (positionAxis < 0) return;
  toggle([positionAxis], kept().map((place, axis) => (axis === positionAxis ? position : place)));
}

function hitsNow() {
  const { clean, corrupted } = pairNow();
  return [...new Set([...hitsOf(clean, state.q), ...hitsOf(corrupted, state.q)])].sort((a, b) => a - b);
}

function find() {
  const hits = hitsNow();
  columns.forEach((column, i) => {
    for (const token of column.querySelectorAll('.t')) mark(token, 'data-hit', hits.includes(i));
  });
  tellHits(hits);
}

function pickNext() {
  const hits = hitsNow();
  const at = positionAxis < 0 ? -1 : kept()[positionAxis];
  const next = hitAfter(hits, at);
  if (next === undefined) return;
  columns[next].scrollIntoView({ block: 'nearest' });
  if (next !== at) pickPosition(next);
}
