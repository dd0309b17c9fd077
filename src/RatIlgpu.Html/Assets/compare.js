// @ts-check
// The page of two traces or flows: shows the state, and turns the reader's actions into changes of the state.

function render() {
  root.dataset.cols = state.cols;
  root.dataset.colour = state.colour;
  const moved = sides.a.isMoved();
  for (const name of sideNames) sides[name].show();
  zoom.show();
  if (moved) {
    zoom.showPlace();
    find();
  }
  showDetails();
}

/**
 * Describes a mark, or its counterpart, on a side.
 * @param {Mark} mark
 * @param {'a' | 'b'} side
 */
function nameOn(mark, side) {
  const index = indexOn(mark, side);
  if (index < 0) return 'no counterpart';
  const { trace } = sides[side];
  if (mark.kind === 'n') return named(trace, index);
  if (mark.kind === 'p') return `${index + 1}: ${pathName(trace, trace.paths[index])}`;
  return linkName(trace, trace.links[index]);
}

/** @param {Mark} mark @returns {[string, string][]} */
function detailsOf(mark) {
  const [, , shareA, shareB, , words] = pairOf.get(mark.side + mark.kind + mark.index) ?? [0, 0, 0, 0, '', 'equal'];
  const numberIn = (/** @type {'a' | 'b'} */ side) => {
    const { trace } = sides[side];
    const link = trace.links[indexOn(mark, side)];
    const term = `${linkTerm(trace)} in ${side.toUpperCase()}`;
    return /** @type {[string, string]} */ ([term, link ? linkNumber(link) : '–']);
  };
  const kind = { n: 'Token', e: linkWord, p: 'Path' }[mark.kind];
  return [
    [`${kind} of A`, nameOn(mark, 'a')],
    [`${kind} of B`, nameOn(mark, 'b')],
    ['Share in A', percent(shareA)],
    ['Share in B', percent(shareB)],
    ['More in', words],
    ...(mark.kind === 'e' ? [numberIn('a'), numberIn('b')] : []),
  ];
}

function showDetails() {
  const picked = markOf(state.sel);
  showInfo(picked?.kind ?? '', picked ? detailsOf(picked)
    : [[`Select a token, a ${linkWord.toLowerCase()} or a path to compare its numbers; its counterpart lights up.`]]);
  for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (document.querySelectorAll('button[data-pick]'))) {
    const own = markOf(button.dataset.pick ?? '');
    press(button, own !== null && picked !== null && own.kind === picked.kind
      && indexOn(picked, own.side) === own.index);
  }
}

/**
 * Returns the name of the mark that an element shows; empty for none.
 * @param {Element} element
 */
function nameAt(element) {
  const shown = /** @type {HTMLElement | null} */ (element.closest('.nd, .name, .ln, .hold, .t, [data-pick]'));
  if (!shown) return '';
  const { pick: name, node, edge, i } = shown.dataset;
  if (name) return name;
  const side = shown.closest('#flow-a, #toks-a') ? 'a' : 'b';
  return edge !== undefined ? `${side}e${edge}` : `${side}n${node ? sides[side].tokenAt(Number(node)) : i}`;
}

/**
 * Returns the tool tip of an element; empty for none.
 * @param {Element} element
 */
function describe(element) {
  const pointed = element.closest('[data-pick]') ? null : markOf(nameAt(element));
  if (!pointed) return '';
  const pair = pairOf.get(pointed.side + pointed.kind + pointed.index);
  const shares = pair ? ` · share A ${percent(pair[2])}, B ${percent(pair[3])} · ${pair[5]}` : '';
  return `A: ${nameOn(pointed, 'a')} · B: ${nameOn(pointed, 'b')}${shares}`;
}

function showOver() {
  for (const name of sideNames) sides[name].showOver();
}

function find() {
  const counts = sideNames.map((name) => sides[name].find());
  byId('hits').textContent = state.q === '' ? '' : `${counts[0]} found in A, ${counts[1]} in B`;
}

on(document, 'click', (event) => {
  const isInside = event.target.closest('.canvas');
  if (isInside && zoom.endsDrag(event)) return;
  const name = nameAt(event.target);
  if (name) pick(name);
  else if (isInside && state.sel !== '') set({ sel: '' });
});

start({
  initial, address, choices, read, render, showOver, nameAt, describe, find, zoom,
  redraws: ['cols'],
  keys: { 'Escape': () => set({ sel: '' }) },
});
