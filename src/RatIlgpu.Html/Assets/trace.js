// @ts-check
// The page of paths: shows the state, and turns the reader's actions into changes of the state.

function render() {
  root.dataset.beam = state.path < 0 ? '' : String(state.path);
  root.dataset.cols = state.cols;
  root.dataset.layer = String(data.layer);
  byId('legend').textContent = legends[/** @type {'share'} */ (state.width)]();
  const moved = drawnAs !== wantedAs();
  drawText();
  showTrace();
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

/** Outlines the mark under the pointer or the keyboard, in the diagram and in the text. */
function showOver() {
  outline({ nodes, ribbons, tokens }, data, markOf(state.over));
}

/**
 * Returns the name of the mark that an element shows; empty for none.
 * @param {Element} element
 */
function nameAt(element) {
  const shown = /** @type {HTMLElement | null} */ (element.closest('.nd, .ln, .hold, .t, .name, .table tbody tr'));
  const { node, edge, i } = shown?.dataset ?? {};
  if (node) return (data.tokenAt ? 'v' : 'n') + node;
  if (i) return 'n' + i;
  if (edge) return 'e' + edge;
  const { pick: name = '', beam } = shown?.querySelector('button')?.dataset ?? {};
  return beam ? 'p' + beam : name;
}

/** @param {number} by */
function stepThroughPaths(by) {
  const count = data.paths.length;
  if (count === 0) return;
  const from = state.path < 0 ? (by > 0 ? -1 : count) : state.path;
  set({ sel: '', path: (from + by + count) % count });
}

on(canvas, 'click', (event) => {
  if (zoom.endsDrag(event)) return;
  const picked = nameAt(event.target);
  if (picked) pick(picked);
  else clearPicks();
});
on(document, 'click', (event) => {
  const { i, pick: name, beam } = event.target.closest('.t, button')?.dataset ?? {};
  if (i ?? name) pick(name ?? 'n' + i);
  else if (beam) set({ sel: '', path: String(state.path) === beam ? -1 : Number(beam) });
});

on(byId('beam'), 'change', () => set({ sel: '', path: Number(byId('beam').value || -1) }));
rove(byId('nodes'), '.nd', (from, key) => neighbour(nodes, from, key));

start({
  initial: { ...initial, ...several?.initial },
  address: { ...address, ...several?.address },
  choices, read, render, showOver, nameAt, describe, find, zoom,
  redraws: ['cols'],
  pickNext: pickNextHit,
  keys: {
    'Escape': clearPicks,
    '[': () => stepThroughPaths(-1),
    ']': () => stepThroughPaths(1),
    ...several?.keys,
  },
});
