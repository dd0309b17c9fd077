// @ts-check
// The diagram as a picture and the trace as data, made here, without a server.

const exportedStyles = [
  'fill', 'stroke', 'stroke-opacity', 'stroke-dasharray', 'stroke-linecap', 'stroke-linejoin', 'font-family',
  'font-size', 'font-weight', 'opacity', 'paint-order', 'unicode-bidi',
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
  paper.toBlob((content) => content && offer(fileName('png'), content));
}

async function offerData() {
  const packed = byId('trace-json');
  const first = packed ? await unpacked(packed.textContent) : JSON.stringify(data);
  // Other layers refer to the lines of the first.
  const index = layers.findIndex(({ layer }) => layer === data.layer);
  const json = index > 0 ? joined(first.split('\n'), await unpacked(byId('trace-json-' + index).textContent)) : first;
  offer(fileName('json'), new Blob([json], { type: 'application/json' }));
}

/**
 * @param {string[]} lines
 * @param {string} parts JSON of texts, and of first lines with a count
 */
function joined(lines, parts) {
  return JSON.parse(parts).map((/** @type {string | number[]} */ part) => (
    typeof part === 'string' ? part : lines.slice(part[0], part[0] + part[1]).join('\n'))).join('\n');
}

/** The links of the layer shown, a row each. */
function linkTable() {
  const names = ['layer', 'query_position', 'query_token', 'key_position', 'key_token', 'attention', 'path_share',
    'share_x_attention', 'paths'];
  const rows = data.links.map(({ key, query, attention, value, paths }) => [
    data.layer, query, data.tokens[query], key, data.tokens[key], attention, shareOf(paths), value,
    paths.map((path) => path + 1).join(' '),
  ]);
  return [names, ...rows].map((row) => row.map(cell).join(',') + '\r\n').join('');
}

/**
 * A cell as RFC 4180 has it.
 * @param {string | number} value
 */
function cell(value) {
  // A spreadsheet would compute what begins like a formula, maybe after spaces; an apostrophe makes it text.
  const content = String(value).replace(/^[\t\r\n]|^\s*[=+\-@]/, "'$&");
  return /[",\r\n]/.test(content) ? `"${content.replaceAll('"', '""')}"` : content;
}

// Without a byte order mark, spreadsheets take the file for one of the local code page and spoil tokens that are not
// ASCII; programs that read UTF-8 tables know the mark.
const offerTable = () => offer(fileName('csv'), new Blob(['\ufeff', linkTable()], { type: 'text/csv' }));

/** @param {string} kind */
const fileName = (kind) => (layers.length > 1 ? `trace-L${data.layer}.${kind}` : `trace.${kind}`);

byId('export-svg').addEventListener('click', () => offer(fileName('svg'), diagramFile()));
byId('export-png').addEventListener('click', offerPicture);
byId('export-json').addEventListener('click', offerData);
byId('export-csv').addEventListener('click', offerTable);
