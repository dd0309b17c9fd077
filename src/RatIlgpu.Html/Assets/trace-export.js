// @ts-check
// The diagram as a picture and the trace as data, made here, without a server.

const exportedStyles = [
  'fill', 'stroke', 'stroke-opacity', 'stroke-dasharray', 'stroke-linecap', 'stroke-linejoin', 'font-family',
  'font-size', 'font-weight', 'opacity', 'paint-order',
];

/** The diagram as a file of its own, with the colours it has now. */
function diagramFile() {
  const copy = flow.cloneNode(true);
  const parts = 'path, rect, text, tspan, g';
  const shown = flow.querySelectorAll(parts);
  copy.querySelectorAll(parts).forEach((/** @type {Element} */ part, /** @type {number} */ i) => {
    const style = getComputedStyle(shown[i]);
    for (const name of exportedStyles) part.setAttribute(name, style.getPropertyValue(name));
    part.setAttribute('stroke-width', shown[i].getAttribute('stroke-width') ?? style.strokeWidth);
  });
  copy.setAttribute('xmlns', svgNamespace);
  copy.setAttribute('width', layout().width);
  copy.setAttribute('height', layout().height);
  copy.prepend(makeSvg('rect', { width: '100%', height: '100%', fill: getComputedStyle(canvas).backgroundColor }));
  return new Blob([new XMLSerializer().serializeToString(copy)], { type: 'image/svg+xml' });
}

async function offerPicture() {
  const address = URL.createObjectURL(diagramFile());
  const picture = new Image();
  picture.src = address;
  await picture.decode();
  const size = { width: picture.width * 2, height: picture.height * 2 };
  const paper = /** @type {HTMLCanvasElement} */ (make('canvas', size));
  paper.getContext('2d')?.drawImage(picture, 0, 0, paper.width, paper.height);
  URL.revokeObjectURL(address);
  paper.toBlob((content) => content && offer('trace.png', content));
}

async function offerData() {
  const packed = byId('trace-json');
  const json = packed ? await unpacked(packed.textContent) : JSON.stringify(data);
  offer('trace.json', new Blob([json], { type: 'application/json' }));
}

/** @param {string} packed base64 of gzip */
function unpacked(packed) {
  const bytes = Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))).blob();
}

byId('export-svg').addEventListener('click', () => offer('trace.svg', diagramFile()));
byId('export-png').addEventListener('click', offerPicture);
byId('export-json').addEventListener('click', offerData);

