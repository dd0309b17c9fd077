// @ts-check
// Exports diagrams as pictures and rows as tables, without a server.

const exportedStyles = [
  'display', 'fill', 'fill-opacity', 'stroke', 'stroke-opacity', 'stroke-dasharray', 'stroke-linecap',
  'stroke-linejoin', 'font-family', 'font-size', 'font-weight', 'opacity', 'unicode-bidi',
];
const headingHeight = 28;

/**
 * Copies a diagram with its current colours, as a part of a file.
 * @param {View} view
 * @param {number} y
 */
function drawingOf({ flow, layout }, y) {
  const copy = flow.cloneNode(true);
  const parts = 'path, rect, text, tspan, g';
  const shown = flow.querySelectorAll(parts);
  copy.querySelectorAll(parts).forEach((/** @type {Element} */ part, /** @type {number} */ i) => {
    const style = getComputedStyle(shown[i]);
    for (const name of exportedStyles) part.setAttribute(name, style.getPropertyValue(name));
    part.setAttribute('stroke-width', shown[i].getAttribute('stroke-width') ?? style.strokeWidth);
  });
  for (const hold of copy.querySelectorAll('.hold')) hold.remove();
  return filled(copy, { y, width: layout().width, height: layout().height }, []);
}

/**
 * Returns an SVG file with diagrams one above the other.
 * @param {View[]} views
 * @param {string[]} [headings] one for each
 */
function pictureFile(views, headings) {
  const { backgroundColor, color, fontFamily } = getComputedStyle(views[0].canvas);
  const file = makeSvg('svg', {}, makeSvg('rect', { width: '100%', height: '100%', fill: backgroundColor }));
  let [width, height] = [0, 0];
  views.forEach((view, i) => {
    if (headings) {
      // XML forbids some invisible characters.
      const heading = headings[i].replace(/\p{C}/gu, ' ');
      const place = { x: 12, y: height + 20, fill: color, 'font-family': fontFamily, 'font-size': 13 };
      file.append(makeSvg('text', place, heading));
      height += headingHeight;
    }
    file.append(drawingOf(view, height));
    width = Math.max(width, view.layout().width);
    height += view.layout().height;
  });
  filled(file, { xmlns: svgNamespace, width, height }, []);
  return new Blob([new XMLSerializer().serializeToString(file)], { type: 'image/svg+xml' });
}

/** @param {Blob} file of a picture */
async function pixelsOf(file) {
  const address = URL.createObjectURL(file);
  const picture = new Image();
  picture.src = address;
  await picture.decode();
  const size = { width: picture.width * 2, height: picture.height * 2 };
  const paper = /** @type {HTMLCanvasElement} */ (make('canvas', size));
  paper.getContext('2d')?.drawImage(picture, 0, 0, paper.width, paper.height);
  URL.revokeObjectURL(address);
  // The result is null if the picture is larger than the browser allows.
  return new Promise((done) => paper.toBlob(done));
}

/**
 * Returns a table in the form of RFC 4180.
 * @param {(string | number)[][]} rows
 */
function tableFile(rows) {
  const table = rows.map((row) => row.map(cell).join(',') + '\r\n').join('');
  // Without a byte order mark, spreadsheets read the file in the local code page and spoil tokens that are not ASCII.
  // Programs that read UTF-8 tables know the mark.
  return new Blob(['\ufeff', table], { type: 'text/csv' });
}

/** @param {string | number} value */
function cell(value) {
  // A spreadsheet computes a text that begins like a formula, even after spaces; an apostrophe keeps it a text. Numbers
  // need none.
  const content = typeof value === 'number' ? String(value) : value.replace(/^[\t\r\n]|^\s*[=+\-@]/, "'$&");
  return /[",\r\n]/.test(content) ? `"${content.replaceAll('"', '""')}"` : content;
}

/**
 * Lets the buttons of the toolbar save files.
 * @param {(kind: string) => string} nameOf the file of a kind
 * @param {Record<string, () => Blob | Promise<any>>} files by kind
 */
function offerFiles(nameOf, files) {
  for (const [kind, build] of Object.entries(files))
    onClick('export-' + kind, async () => {
      const file = await Promise.resolve(build()).catch(() => null);
      byId('said').textContent = file ? '' : `No ${kind.toUpperCase()} can be made here; take another form.`;
      if (!file) return;
      const href = URL.createObjectURL(file);
      /** @type {HTMLAnchorElement} */ (make('a', { href, download: nameOf(kind) })).click();
      setTimeout(() => URL.revokeObjectURL(href), 10_000);
    });
}
