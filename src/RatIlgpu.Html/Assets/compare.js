// @ts-check
// The page of two traces: shows the state, and turns what the reader does into changes of it.

/** Shows the state; nothing else changes what is seen. */
function show() {
  root.dataset.theme = state.theme;
  root.dataset.sel = state.sel;
  root.dataset.cols = state.cols;
  root.dataset.colour = state.colour;
  showChoices(state);
  for (const name of sideNames) sides[name].show();
  zoom.show();
  showDetails();
}

/**
 * A token in a sentence: its text and its position.
 * @param {string} side
 * @param {number} position
 */
const named = (side, position) => `${isolated(clip(sides[side].tokenAt(position), 24))} ${position}`;

/**
 * What a mark is on a side.
 * @param {Mark} mark
 * @param {'a' | 'b'} side
 */
function nameOn(mark, side) {
  const index = indexOn(mark, side);
  if (index < 0) return 'no counterpart';
  if (mark.kind === 'n') return named(side, index);
  if (mark.kind === 'p') {
    const { at } = sides[side].trace.paths[index];
    const route = at.map((position) => isolated(clip(sides[side].tokenAt(position), 18)));
    return `${index + 1}: ${route.join(' ← ')}`;
  }
  const { key, query } = sides[side].trace.links[index];
  return `${named(side, query)} → ${named(side, key)}`;
}

/** @param {Mark} mark @returns {[string, string][]} */
function detailsOf(mark) {
  const [, , shareA, shareB, , words] = pairOf.get(mark.side + mark.kind + mark.index) ?? [0, 0, 0, 0, '', 'equal'];
  const attention = (/** @type {'a' | 'b'} */ side) => {
    const link = sides[side].trace.links[indexOn(mark, side)];
    const term = `Attention in ${side.toUpperCase()}`;
    return /** @type {[string, string]} */ ([term, link ? decimal(link.attention) : '–']);
  };
  const kind = { n: 'Token', e: 'Link', p: 'Path' }[mark.kind];
  return [
    [`${kind} of A`, nameOn(mark, 'a')],
    [`${kind} of B`, nameOn(mark, 'b')],
    ['Share in A', percent(shareA)],
    ['Share in B', percent(shareB)],
    ['More in', words],
    ...(mark.kind === 'e' ? [attention('a'), attention('b')] : []),
  ];
}

function showDetails() {
  const info = byId('info');
  const picked = markOf(state.sel);
  info.dataset.kind = picked?.kind ?? '';
  const invitation = 'Select a token, a link or a path to compare its numbers; its counterpart lights up.';
  info.replaceChildren(...(picked
    ? detailsOf(picked).flatMap(([term, value]) =>
      [make('dt', {}, term), make('dd', {}, make('bdi', {}, value))])
    : [make('dt', { class: 'whole' }, invitation)]));
  for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (document.querySelectorAll('button[data-pick]'))) {
    const own = markOf(button.dataset.pick ?? '');
    button.setAttribute('aria-pressed', String(own !== null && picked !== null && own.kind === picked.kind
      && indexOn(picked, own.side) === own.index));
  }
}

/**
 * The name of the mark that an element shows; nothing for none.
 * @param {Element} element
 */
function nameAt(element) {
  const shown = /** @type {HTMLElement | null} */ (element.closest('.nd, .ln, .hold, .t, [data-pick]'));
  if (!shown) return '';
  const { pick: name, node, edge, i } = shown.dataset;
  if (name) return name;
  const side = shown.closest('#flow-a, #toks-a') ? 'a' : 'b';
  return edge !== undefined ? `${side}e${edge}` : `${side}n${node ?? i}`;
}

/**
 * What a tool tip says about an element.
 * @param {Element} element
 */
function describe(element) {
  const pointed = element.closest('[data-pick]') ? null : markOf(nameAt(element));
  if (!pointed) return '';
  const pair = pairOf.get(pointed.side + pointed.kind + pointed.index);
  const shares = pair ? ` · share A ${percent(pair[2])}, B ${percent(pair[3])} · ${pair[5]}` : '';
  return `A: ${nameOn(pointed, 'a')} · B: ${nameOn(pointed, 'b')}${shares}`;
}

function find() {
  const counts = sideNames.map((name) => sides[name].find(state.q.toLowerCase()));
  byId('hits').textContent = state.q === '' ? '' : `${counts[0]} found in A, ${counts[1]} in B`;
}

const query = searchField((wanted) => {
  state.q = wanted;
  find();
  writeAddress();
});

followMarks(nameAt, () => {
  for (const name of sideNames) sides[name].showOver();
});
on(document, 'click', (event) => {
  const target = /** @type {Element} */ (event.target);
  if (target.closest('.canvas') && zoom.endsDrag(event)) return;
  const name = nameAt(target);
  const button = /** @type {HTMLButtonElement | null} */ (target.closest('button[data-set]'));
  const token = target.closest('.t');
  if (token) focusOn(/** @type {Element} */ (token.closest('.tokens')), '.t', token);
  if (name) pick(name);
  else if (button?.dataset.set) choose(button.dataset.set, button.value);
  else if (target.closest('.canvas') && state.sel !== '') set({ sel: '' });
});

/**
 * @param {string} name
 * @param {string} value
 */
function choose(name, value) {
  set(name === 'cols' ? { cols: value, k: 0 } : { [name]: value });
  if (name !== 'cols') return;
  zoom.showPlace();
  find();
}

on(byId('theme'), 'change', () => set({ theme: byId('theme').value }));

shortcutsFor({
  ...zoom.keys,
  'Escape': () => set({ sel: '' }),
  '/': () => query.focus(),
  '?': helpDialog(),
});

tipsFor(describe);
followAddress(start);

function start() {
  readAddress();
  query.value = state.q;
  show();
  zoom.showPlace();
  find();
}

start();
root.dataset.ready = '1';
