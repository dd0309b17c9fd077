// @ts-check
// One of the two traces: its diagram and its text.

/**
 * @param {'a' | 'b'} name
 */
function makeSide(name) {
  const trace = data[name];
  const flow = byId('flow-' + name);
  const canvas = byId('canvas-' + name);
  const strip = byId('toks-' + name);
  /** @type {Map<number, number[]>} */
  const pathsAt = new Map();
  trace.paths.forEach((path, index) => {
    for (const position of path.at) {
      const through = pathsAt.get(position);
      if (through) through.push(index);
      else pathsAt.set(position, [index]);
    }
  });

  const tokenAt = (/** @type {number} */ i) => trace.shown[i] ?? trace.tokens[i].replaceAll(' ', '·');
  const layout = () => trace.layouts[state.cols];
  /** @type {TokenNode[]} */
  let nodes = [];
  /** @type {(ReturnType<typeof makeRibbon> & { edge: Element })[]} */
  let ribbons = [];
  let drawn = '';

  /** @type {HTMLElement[]} */
  const tokens = drawStrip(strip, trace.tokens, tokenAt);
  tokens.forEach((element, i) => {
    mark(element, 'data-on', pathsAt.has(i));
    mark(element, 'data-d', pairOf.get(name + 'n' + i)?.[4] || null);
    mark(element, 'data-alone', indexOn({ side: name, kind: 'n', index: i }, name === 'a' ? 'b' : 'a') < 0);
  });
  tokens[trace.target]?.setAttribute('tabindex', '0');

  function draw() {
    if (drawn === state.cols) return;
    drawn = state.cols;
    flow.setAttribute('viewBox', `0 0 ${layout().width} ${layout().height}`);
    ribbons = layout().ribbons.map((ribbon) => {
      const made = makeRibbon(ribbon);
      const width = Math.max(leastRibbon, made.width);
      made.line.setAttribute('stroke-width', width.toFixed(2));
      mark(made.line, 'data-d', pairOf.get(name + 'e' + made.link)?.[4] || null);
      const edge = makeSvg('path', {
        d: made.line.getAttribute('d') ?? '', class: 'edge', 'stroke-width': (width + 2).toFixed(2),
      });
      return { ...made, edge };
    });
    flow.querySelector('.edges').replaceChildren(...ribbons.map(({ edge }) => edge));
    flow.querySelector('.links').replaceChildren(...partsOf(ribbons));
    nodes = layout().bars.map((bar) => {
      const [position] = bar;
      const [, , shareA, shareB, , words] = pairOf.get(name + 'n' + position) ?? [0, 0, 0, 0, '', ''];
      const about = `share ${percent(name === 'a' ? shareA : shareB)}, difference: ${words}`;
      const node = makeBar(bar, { text: tokenAt(position), about, isTarget: position === trace.target });
      mark(node.group, 'data-d', pairOf.get(name + 'n' + position)?.[4] || null);
      return node;
    });
    flow.querySelector('.nodes').replaceChildren(...nodes.map((node) => node.group));
    squeezeLabels(flow);
  }

  /** @param {Mark | null} mark the paths through it on this side, or null where none is picked out */
  function litBy(mark) {
    if (!mark) return null;
    const index = indexOn(mark, name);
    if (index < 0) return new Set();
    if (mark.kind === 'p') return new Set([index]);
    return new Set(mark.kind === 'n' ? pathsAt.get(index) : trace.links[index].paths);
  }

  function show() {
    draw();
    const picked = markOf(state.sel);
    const index = picked ? indexOn(picked, name) : -1;
    const lit = picked && anyPaths(picked) ? litBy(picked) : null;
    for (const { line, cue, edge, path, link } of ribbons)
      for (const part of cue ? [line, cue, edge] : [line, edge]) {
        mark(part, 'data-state', lit ? (lit.has(path) ? 'on' : 'dim') : null);
        mark(part, 'data-picked', picked?.kind === 'e' && link === index);
      }
    const reached = new Set([...(lit ?? [])].flatMap((path) => trace.paths[path].at));
    for (const { position, group } of nodes) {
      const on = picked?.kind === 'n' ? position === index : picked?.kind === 'e' && endsAt(index, position);
      mark(group, 'data-state', on ? 'on' : lit ? (reached.has(position) ? 'vis' : 'dim') : null);
      press(group, picked?.kind === 'n' && on);
    }
    strip.querySelector('[aria-current]')?.removeAttribute('aria-current');
    if (picked?.kind === 'n') tokens[index]?.setAttribute('aria-current', 'true');
    showOver();
  }

  /** @param {number} link @param {number} position */
  const endsAt = (link, position) => link >= 0 && [trace.links[link].key, trace.links[link].query].includes(position);

  /** Outlines what the pointer or the keyboard is on, here or as its counterpart. */
  function showOver() {
    const over = markOf(state.over);
    const index = over ? indexOn(over, name) : -1;
    const link = over?.kind === 'e' ? trace.links[index] : null;
    const positions = link ? [link.key, link.query] : over?.kind === 'n' && index >= 0 ? [index] : [];
    outline({ nodes, ribbons, tokens },
      (ribbon) => (over?.kind === 'p' ? ribbon.path : link ? ribbon.link : -1) === index && index >= 0, positions);
  }

  /** @param {string} wanted @returns {number} how many are found */
  function find(wanted) {
    let count = 0;
    const isHit = (/** @type {string} */ token, /** @type {number} */ i) => wanted !== ''
      && (token.toLowerCase().includes(wanted) || tokenAt(i).toLowerCase().includes(wanted) || String(i) === wanted);
    trace.tokens.forEach((token, i) => {
      const hit = isHit(token, i);
      mark(tokens[i], 'data-hit', hit);
      if (hit) count++;
    });
    for (const { position, group } of nodes) mark(group, 'data-hit', tokens[position].hasAttribute('data-hit'));
    return count;
  }

  rove(flow, '.nd', (from, key) => neighbour(nodes, from, key));
  rove(strip, '.t', (from, key) => nextToken(tokens, from, key));
  return { trace, flow, canvas, strip, tokenAt, pathsAt, layout, show, showOver, find };
}

/** @type {Record<string, ReturnType<typeof makeSide>>} */
const sides = { a: makeSide('a'), b: makeSide('b') };

/** @param {Mark} mark whether a path goes through it, on either side; else nothing is dimmed for it */
const anyPaths = (mark) => mark.kind !== 'n' || sideNames.some((name) => sides[name].pathsAt.has(indexOn(mark, name)));

// One scale for both: the smaller of the two that fit.
const views = sideNames.map((name) => sides[name]);
const zoom = makeZoom(views, ({ canvas, layout }) => canvas.clientWidth / layout().width);
