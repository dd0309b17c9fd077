// @ts-check
// What every page with diagrams shares in making files: diagrams as a picture, and tables, without a server.

const exportedStyles = [
  'display', 'fill', 'stroke', 'stroke-opacity', 'stroke-dasharray', 'stroke-linecap', 'stroke-linejoin', 'font-family',
  'font-size', 'font-weight', 'opacity', 'paint-order', 'unicode-bidi',
];
const headingHeight = 28;

/**
 * A diagram as part of a file, with the colours it has now.
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
 * Diagrams one above the other, as a file of its own.
 * @param {View[]} views
 * @param {string[]} [headings] one for each
 */
function pictureFile(views, headings) {
  const { backgroundColor, color, fontFamily } = getComputedStyle(views[0].canvas);
  const file = makeSvg('svg', {}, makeSvg('rect', { width: '100%', height: '100%', fill: backgroundColor }));
  let [width, height] = [0, 0];
  views.forEach((view, i) => {
    if (headings) {
      // What cannot be seen may not be allowed in a file of this kind either.
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
  // There is none where the picture is larger than the browser makes them.
  return new Promise((done) => paper.toBlob(done));
}

/**
 * A table as RFC 4180 has it.
 * @param {(string | number)[][]} rows
 */
function tableFile(rows) {
  const table = rows.map((row) => row.map(cell).join(',') + '\r\n').join('');
  // Without a byte order mark, spreadsheets take the file for one of the local code page and spoil tokens that are not
  // ASCII; programs that read UTF-8 tables know the mark.
  return new Blob(['\ufeff', table], { type: 'text/csv' });
}

/** @param {string | number} value */
function cell(value) {
  // A spreadsheet would compute what begins like a formula, maybe after spaces; an apostrophe makes it text. A number
  // is none.
  const content = typeof value === 'number' ? String(value) : value.replace(/^[\t\r\n]|^\s*[=+\-@]/, "'$&");
  return /[",\r\n]/.test(content) ? `"${content.replaceAll('"', '""')}"` : content;
}

/**
 * Lets the buttons of the toolbar offer files.
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
