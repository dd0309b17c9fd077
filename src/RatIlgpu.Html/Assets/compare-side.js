// @ts-check
// One of the two traces or flows: its diagram and its text.

/**
 * @param {'a' | 'b'} name
 */
function makeSide(name) {
  const trace = data[name];
  const flow = byId('flow-' + name);
  const canvas = byId('canvas-' + name);
  const strip = byId('toks-' + name);
  const tokenAt = (/** @type {number} */ place) => trace.tokenAt?.(place) ?? place;
  const pathsAt = pathsByPosition(trace.paths, tokenAt);
  const layout = () => trace.layouts[state.cols];
  const placeLanes = followLanes({ canvas, flow, layout });
  /** @type {TokenNode[]} */
  let nodes = [];
  /** @type {ReturnType<typeof makeRibbon>[]} */
  let ribbons = [];
  let drawn = '';

  /** @type {HTMLElement[]} */
  const tokens = drawStrip(strip, trace);
  moveInStrip(strip, () => tokens);
  tokens.forEach((element, i) => {
    mark(element, 'data-on', pathsAt.has(i));
    mark(element, 'data-d', pairOf.get(name + 'n' + i)?.[4] || null);
    mark(element, 'data-differs', differs(i));
  });
  openAtToken(strip, tokens[trace.target]);

  /** Tells whether the counterpart of a token is another token, or missing. @param {number} position */
  function differs(position) {
    const other = name === 'a' ? 'b' : 'a';
    const there = indexOn({ side: name, kind: 'n', index: position }, other);
    return there < 0 || tokenText(trace, position) !== tokenText(data[other], there);
  }

  const isMoved = () => drawn !== state.cols;

  function draw() {
    if (!isMoved()) return;
    drawn = state.cols;
    flow.setAttribute('viewBox', `0 0 ${layout().width} ${layout().height}`);
    ribbons = layout().ribbons.map((ribbon) => makeRibbon(ribbon, data));
    flow.querySelector('.links').replaceChildren(...partsOf(ribbons));
    const edges = ribbons.map(({ line, parts, link, width }) => {
      const seen = Math.max(leastRibbon, width);
      line.setAttribute('stroke-width', seen.toFixed(2));
      mark(line, 'data-d', pairOf.get(name + 'e' + link)?.[4] || null);
      const edge = makeSvg('path', {
        d: line.getAttribute('d') ?? '', class: 'edge', 'stroke-width': (seen + 2).toFixed(2),
      });
      parts.push(edge);
      return edge;
    });
    flow.querySelector('.edges').replaceChildren(...edges);
    nodes = layout().bars.map((bar) => {
      const position = tokenAt(bar[0]);
      const [, , shareA, shareB, , words] = pairOf.get(name + 'n' + position) ?? [0, 0, 0, 0, '', ''];
      const about = `share ${percent(name === 'a' ? shareA : shareB)}, difference: ${words}`;
      const isTarget = bar === layout().bars.at(-1);
      const node = makeBar(
        bar, { text: tokenText(trace, position), about, isTarget, at: position }, barDrawing(layout(), bar[0], data));
      // A place of a flow has paths of several tokens, so it has no difference of its own.
      mark(node.group, 'data-d', !trace.tokenAt && (pairOf.get(name + 'n' + position)?.[4] || null));
      mark(node.group, 'data-differs', differs(position));
      mark(node.group, 'data-made', isMade(trace, position));
      return node;
    });
    flow.querySelector('.nodes').replaceChildren(...nodes.map((node) => node.group));
    drawLanes(flow, layout(), trace);
    for (const label of flow.querySelectorAll('.name')) mark(label, 'data-differs', differs(Number(label.dataset.i)));
    fitLabels(flow);
    placeLanes();
  }

  /** Returns the paths through a mark, on this side. @param {Mark | null} mark */
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
    light({ nodes, ribbons }, trace, lit, { kind: picked?.kind ?? '', index });
    strip.querySelector('[aria-current]')?.removeAttribute('aria-current');
    if (picked?.kind === 'n') tokens[index]?.setAttribute('aria-current', 'true');
    showOver();
  }

  /** Outlines the mark under the pointer or the keyboard, or its counterpart on this side. */
  function showOver() {
    const over = markOf(state.over);
    outline({ nodes, ribbons, tokens }, trace, { kind: over?.kind ?? '', index: over ? indexOn(over, name) : -1 });
  }

  /** @returns {number} how many tokens are found */
  function find() {
    const found = new Set(hitsOf(trace, state.q));
    tokens.forEach((token, i) => mark(token, 'data-hit', found.has(i)));
    for (const { position, group } of nodes) mark(group, 'data-hit', found.has(tokenAt(position)));
    return found.size;
  }

  rove(flow, '.nd', (from, key) => neighbour(nodes, from, key));
  return { trace, flow, canvas, pathsAt, tokenAt, layout, isMoved, show, showOver, find };
}

/** @type {Record<string, ReturnType<typeof makeSide>>} */
const sides = { a: makeSide('a'), b: makeSide('b') };

/** Tells whether a path goes through a mark, on either side; if none does, nothing is dimmed. @param {Mark} mark */
const anyPaths = (mark) => mark.kind !== 'n' || sideNames.some((name) => sides[name].pathsAt.has(indexOn(mark, name)));

// Both diagrams have one scale: the smaller of the two that fit.
const views = sideNames.map((name) => sides[name]);
const zoom = makeZoom(views, ({ canvas, layout }) => canvas.clientWidth / layout().width);
