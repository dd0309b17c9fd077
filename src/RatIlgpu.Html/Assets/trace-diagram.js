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
// What the strongest link counts, where ribbons have the width of what they count.
let strongest = 0;

const layout = () => data.layouts[state.cols];
const diagram = { canvas, flow, layout };
const zoom = makeZoom([diagram], () =>
  Math.min(canvas.clientWidth / layout().width, canvas.clientHeight / layout().height));
const placeLanes = followLanes(diagram);
const wantedAs = () => `${data.view}${state.cols}`;

function drawDiagram() {
  if (drawnAs === wantedAs()) return;
  drawnAs = wantedAs();
  flow.setAttribute('viewBox', `0 0 ${layout().width} ${layout().height}`);
  ribbons = layout().ribbons.map((ribbon) => makeRibbon(ribbon, data));
  strongest = data.links.reduce((most, link) => Math.max(most, link.attention ?? 0), Number.MIN_VALUE);
  byId('links').replaceChildren(...partsOf(ribbons));
  nodes = layout().bars.map(makeNode);
  byId('nodes').replaceChildren(...nodes.map((node) => node.group));
  drawLanes(flow, layout(), data);
  fitLabels(flow);
  placeLanes();
}

/** @param {Bar} bar */
function makeNode(bar) {
  const [place] = bar;
  const at = tokenAt(place);
  const isTarget = bar === layout().bars.at(-1);
  const node = makeBar(
    bar, { text: tokenText(data, at), about: aboutPlace(place), isTarget, at }, barDrawing(layout(), place, data));
  mark(node.group, 'data-made', isMade(data, at));
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
