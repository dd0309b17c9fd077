// @ts-check
// The trace page: shows the state, and turns what the reader does into changes of it.

const legends = {
  share: 'Ribbon width is the share of path weight, at least 1.5 px. One colour per path.',
  attention: 'Ribbon width is share × attention, at least 1.5 px. The strongest link fills its lane.',
};

/** Shows the state; nothing else changes what is seen. */
function show() {
  root.dataset.theme = state.theme;
  root.dataset.sel = state.sel;
  root.dataset.beam = state.path < 0 ? '' : String(state.path);
  root.dataset.cols = state.cols;
  root.dataset.layer = String(data.layer);
  showChoices(state);
  byId('legend').textContent = legends[/** @type {'share' | 'attention'} */ (state.width)];
  const moved = drawnAs !== wantedAs();
  showLayer();
  showDiagram();
  zoom.show();
  if (moved) {
    zoom.showPlace();
    find();
  }
  showText();
  showPanels();
  showOver();
}

/** Outlines what the pointer or the keyboard is on, wherever else it is shown. */
function showOver() {
  const [kind, index] = [kindOf(state.over), indexOf(state.over)];
  const link = kind === 'e' ? data.links[index] : null;
  const positions = link ? [link.key, link.query] : kind === 'n' ? [index] : [];
  outline({ nodes, ribbons, tokens: tokenElements }, (ribbon) => kind === 'e' && ribbon.link === index, positions);
}

/**
 * The mark that an element shows, as the state names it; nothing for none.
 * @param {Element} element
 */
function nameAt(element) {
  const shown = /** @type {HTMLElement | null} */ (element.closest('.nd, .ln, .hold, .t, #table tbody tr'));
  const { node, edge, i } = shown?.dataset ?? {};
  if (node ?? i) return 'n' + (node ?? i);
  return edge ? 'e' + edge : (shown?.querySelector('button')?.dataset.pick ?? '');
}

/** @param {number} by */
function stepThroughPaths(by) {
  const count = drawnPaths().length;
  if (count === 0) return;
  const from = state.path < 0 ? (by > 0 ? -1 : count) : state.path;
  set({ sel: '', path: (from + by + count) % count });
}

/** @param {number} number */
function chooseLayer(number) {
  const held = /** @type {HTMLElement} */ (document.activeElement);
  const name = ['node', 'beam', 'pick'].find((one) => held.dataset[one]);
  changeLayer(number);
  if (!name || held.checkVisibility()) return;
  // All are drawn anew: the focus goes to the same token, path or link, else to the target.
  const same = document.querySelectorAll(`:is(.nd, button)[data-${name}="${held.dataset[name]}"]`);
  const to = [...same, byId('nodes').lastChild].find((element) => element?.checkVisibility());
  if (to?.matches('.nd')) focusOn(byId('nodes'), '.nd', to);
  else to?.focus();
}

/** @param {number} number */
function changeLayer(number) {
  const link = kindOf(state.sel) === 'e' ? data.links[indexOf(state.sel)] : null;
  useLayer(number);
  state.over = '';
  if (!link) return set({ path: -1, k: 0 });
  // The same step may be taken in the other layer too, under another number.
  const same = data.links.findIndex(({ key, query }) => key === link.key && query === link.query);
  set({ sel: same < 0 ? '' : 'e' + same, path: -1, k: 0 });
}

/** @param {number} by */
function stepThroughLayers(by) {
  const next = layers[layers.findIndex(({ layer }) => layer === data.layer) + by];
  if (next) chooseLayer(next.layer);
}

/** @param {string} wanted */
function search(wanted) {
  state.q = wanted;
  find();
  writeAddress();
}

on(canvas, 'click', (event) => {
  if (zoom.endsDrag(event)) return;
  const picked = nameAt(/** @type {Element} */ (event.target));
  if (picked) pick(picked);
  else clearPicks();
});
on(document, 'click', (event) => {
  const target = /** @type {Element} */ (event.target);
  const token = /** @type {HTMLElement | null} */ (target.closest('.t'));
  const button = /** @type {HTMLButtonElement | null} */ (target.closest('button'));
  if (token) {
    focusOn(text, '.t', token);
    pick('n' + token.dataset.i);
  }
  if (button?.dataset.pick) pick(button.dataset.pick);
  else if (button?.dataset.beam) choosePath(Number(button.dataset.beam));
  else if (button?.dataset.set) choose(button.dataset.set, button.value);
});

/** @param {number} path */
const choosePath = (path) => set({ sel: '', path: state.path === path ? -1 : path });

/**
 * @param {string} name
 * @param {string} value
 */
const choose = (name, value) => set(name === 'cols' ? { cols: value, k: 0 } : { [name]: value });

const query = searchField(search, pickNextHit);

on(byId('beam'), 'change', () => {
  const path = byId('beam').value;
  set({ sel: '', path: path === '' ? -1 : Number(path) });
});
byId('layer')?.addEventListener('input', () => chooseLayer(layers[Number(byId('layer').value)].layer));
on(byId('theme'), 'change', () => set({ theme: byId('theme').value }));

shortcutsFor({
  ...zoom.keys,
  'Escape': clearPicks,
  '/': () => query.focus(),
  '[': () => stepThroughPaths(-1),
  ']': () => stepThroughPaths(1),
  ',': () => stepThroughLayers(-1),
  '.': () => stepThroughLayers(1),
  '?': helpDialog(),
});

rove(byId('nodes'), '.nd', (from, key) => neighbour(nodes, from, key));
rove(text, '.t', (from, key) => nextToken(tokenElements, from, key));
tipsFor(describe);
followMarks(nameAt, showOver);
followAddress(start);

function start() {
  readAddress();
  query.value = state.q;
  show();
  zoom.showPlace();
  find();
}

drawText();
start();
root.dataset.ready = '1';
