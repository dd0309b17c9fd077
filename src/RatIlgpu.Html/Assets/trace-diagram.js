// @ts-check
// The diagram: bars for tokens and one ribbon per path and step.

const flow = byId('flow');
/** @type {HTMLElement} */
const canvas = byId('canvas');

/** @type {TokenNode[]} */
let nodes = [];
/** @type {ReturnType<typeof makeRibbon>[]} */
let ribbons = [];
let drawnAs = '';
let strongest = 0;

const layout = () => data.layouts[state.cols];
const diagram = { canvas, flow, layout };
const zoom = makeZoom([diagram], () =>
  Math.min(canvas.clientWidth / layout().width, canvas.clientHeight / layout().height));
const wantedAs = () => data.layer + state.cols;

function drawDiagram() {
  if (drawnAs === wantedAs()) return;
  drawnAs = wantedAs();
  strongest = data.links.reduce((most, link) => Math.max(most, link.attention), Number.MIN_VALUE);
  flow.setAttribute('viewBox', `0 0 ${layout().width} ${layout().height}`);
  ribbons = layout().ribbons.map(makeRibbon);
  byId('links').replaceChildren(...partsOf(ribbons));
  nodes = layout().bars.map(makeNode);
  byId('nodes').replaceChildren(...nodes.map((node) => node.group));
  squeezeLabels(flow);
}

/** @param {Bar} bar */
function makeNode(bar) {
  const position = bar[0];
  const through = pathsAt.get(position) ?? [];
  const about = `${through.length} ${through.length === 1 ? 'path' : 'paths'}, share ${percent(shareAt(position))}`;
  return makeBar(bar, { text: tokenAt(position), about, isTarget: position === data.target });
}

function showDiagram() {
  drawDiagram();
  const lit = litPaths();
  const kind = kindOf(state.sel);
  const index = indexOf(state.sel);
  for (const { line, cue, path, link, width } of ribbons) {
    const strength = state.width === 'share' ? 1 : data.links[link].attention / strongest;
    line.setAttribute('stroke-width', Math.max(leastRibbon, width * strength).toFixed(2));
    const picked = kind === 'e' && index === link;
    for (const part of cue ? [line, cue] : [line]) {
      mark(part, 'data-state', lit ? (lit.has(path) ? 'on' : 'dim') : null);
      mark(part, 'data-picked', picked);
    }
  }
  const reached = new Set([...(lit ?? [])].flatMap((path) => data.paths[path].at));
  for (const { position, group } of nodes) {
    const picked = kind === 'n' ? index === position
      : kind === 'e' && [data.links[index].key, data.links[index].query].includes(position);
    mark(group, 'data-state', picked ? 'on' : lit ? (reached.has(position) ? 'vis' : 'dim') : null);
    press(group, kind === 'n' && index === position);
  }
}
