// @ts-check
// The attention page: shows the state, and turns the reader's actions into changes of the state.

const tiers = {
  exact: () => '',
  compact: ({ k }) => `; ≈ is rounded, but for the ${k} strongest keys of each query`,
  topk: ({ k, side }) => `; ≤ is the largest of a block of a ${side} × ${side} map, but for the ${k} strongest keys of `
    + 'each query',
};

function render() {
  const { tier, label, bound } = prompt();
  if (Number(state.token || 0) >= prompt().tokens.length) state.token = '';
  Object.assign(root.dataset, {
    mode: state.mode, dir: state.direction, layer: state.layer, seq: state.prompt, tier, weights: state.weights,
    headLock: headKeys.indexOf(state.head) < 0 ? '' : headKeys.indexOf(state.head), tokLock: state.token,
  });
  for (const name of ['prompt', 'layer'])
    for (const control of /** @type {any} */ (document.getElementsByName(name))) {
      control.checked = control.value === state[name];
      if (control.type !== 'radio') control.value = state[name];
    }
  for (const button of /** @type {any} */ (document.querySelectorAll('[data-row]')))
    press(button, button.dataset.row === [state.prompt, headKeys.indexOf(state.head)].join());
  strip.setAttribute('aria-label', `Tokens of ${label}. Arrow keys move, Enter locks.`);
  byId('shade-high').textContent = state.scale === 'root' ? '1, square-root scale' : '1, linear scale';
  byId('tier').textContent = `Numbers: error at most ${bound.toPrecision(2)}${tiers[tier](prompt())}.`;
  drawText();
  showHeads();
  showOver();
  find();
}

let asked = '';

/** Shows the focus: of the pointer, the keyboard or a lock. Another pattern is decoded first. */
async function showOver() {
  showHeadFocus();
  const name = nameOf(headShown());
  asked = name;
  if (shown.name !== name) {
    const pattern = await patternOf(headShown());
    // Meanwhile the reader can have moved on.
    if (asked !== name) return;
    shown = { name, pattern };
  }
  const [query, key] = overOf('c');
  const token = tokenShown();
  root.dataset.head = String(headShown() < 0 ? '' : headShown());
  root.dataset.tok = String(token < 0 ? '' : token);
  byId('shown').textContent = titleShown();
  drawMatrix();
  const line = token < 0 ? null : token;
  heat.outline(query ?? (isByQuery() ? line : null), key ?? (isByQuery() ? null : line));
  showText();
  showList();
  showNumbers();
  lines?.show();
  if (headShown() >= 0) readAhead(headShown());
}

/**
 * Returns the name of what an element shows; empty for none.
 * @param {Element} element
 */
function nameAt(element) {
  const cell = cellOf(element) ?? /** @type {any} */ (element.closest('#list tr'))?.dataset.cell;
  if (cell) return 'c' + cell;
  const { head, i } = /** @type {any} */ (element.closest('.hd, .t'))?.dataset ?? {};
  return head ? 'h' + head : i ? 't' + i : '';
}

/**
 * Returns the tool tip of an element; empty for none.
 * @param {Element} element
 */
function describe(element) {
  const name = nameAt(element);
  if (!shown || element.closest('#list')) return '';
  const [place, key] = name.slice(1).split(',').map(Number);
  if (name[0] === 'c') return `query ${tokenName(place)} · key ${tokenName(key)} · ${valueText(place, key)}`;
  if (name[0] !== 't') return '';
  const { ids } = prompt();
  return `${isolated(clip(tokenText(prompt(), place), 60))} · position ${place}`
    + (ids ? ` · id ${ids[place]}` : '') + (isPadding(place) ? ' · padding' : '');
}

/** @type {number[]} */
let hits = [];

function find() {
  hits = hitsOf(prompt(), state.q);
  markHits(tokens, hits);
}

function pickNext() {
  const next = hitAfter(hits, Number(state.token || -1));
  if (next === undefined) return;
  set({ token: String(next) });
  tokens[next].scrollIntoView({ block: 'nearest' });
}

on(document, 'click', ({ target }) => {
  const { head, i, token, row } = target.closest('.hd, .t, button')?.dataset ?? {};
  if (row) set({ prompt: row.split(',')[0], head: headKeys[row.split(',')[1]] });
  else if (head) lock('head', headKeys[head]);
  else if (i ?? token) lock('token', i ?? token);
});
on(document, 'change', ({ target }) => {
  if (['prompt', 'layer'].includes(target.name)) set({ [target.name]: target.value });
});

/** Shows the next prompt, or the one before. @param {number} by */
function stepPrompt(by) {
  const next = choices.prompt[Number(state.prompt) + by];
  if (next) set({ prompt: next });
}

start({
  initial, address, choices, read, render, showOver, nameAt, describe, find, pickNext,
  keys: {
    ...lines?.keys,
    'Escape': () => set({ ...(state.mode !== 'lines' && { head: '' }), token: '' }),
    '[': () => stepHead(-1),
    ']': () => stepHead(1),
    ',': () => stepLayer(-1),
    '.': () => stepLayer(1),
    '{': () => stepPrompt(-1),
    '}': () => stepPrompt(1),
  },
});
