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
const wantedAs = () => `${data.view}${state.cols}`;

function drawDiagram() {
  if (drawnAs === wantedAs()) return;
  drawnAs = wantedAs();
  strongest = data.links.reduce((most, link) => Math.max(most, link.attention), Number.MIN_VALUE);
  flow.setAttribute('viewBox', `0 0 ${layout().width} ${layout().height}`);
  ribbons = layout().ribbons.map((ribbon) => makeRibbon(ribbon, data));
  byId('links').replaceChildren(...partsOf(ribbons));
  nodes = layout().bars.map(makeNode);
  byId('nodes').replaceChildren(...nodes.map((node) => node.group));
  fitLabels(flow);
}

/** @param {Bar} bar */
function makeNode(bar) {
  const position = bar[0];
  const through = pathsAt.get(position) ?? [];
  const about = `${through.length} ${through.length === 1 ? 'path' : 'paths'}, share ${percent(shareAt(position))}`;
  const node = makeBar(bar, { text: tokenText(data, position), about, isTarget: position === data.target }, data);
  mark(node.group, 'data-made', isMade(data, position));
  return node;
}

function showDiagram() {
  drawDiagram();
  for (const { line, link, width } of ribbons) {
    const strength = state.width === 'share' ? 1 : data.links[link].attention / strongest;
    line.setAttribute('stroke-width', Math.max(leastRibbon, width * strength).toFixed(2));
  }
  light({ nodes, ribbons }, data, litPaths(), markOf(state.sel));
}
