// @ts-check
// Exports drawings as pictures and rows as tables, without a server.

const headingHeight = 28;

/**
 * Returns an SVG file with drawings of a known size one above the other.
 * @param {SVGElement[]} drawings
 * @param {string[] | undefined} headings one for each
 * @param {string} ground the colour behind them
 * @param {string} ink the colour of the headings
 */
function stackedFile(drawings, headings, ground, ink) {
  const file = makeSvg('svg', { 'font-family': getComputedStyle(document.body).fontFamily },
    makeSvg('rect', { width: '100%', height: '100%', fill: ground }));
  let [width, height] = [0, 0];
  drawings.forEach((drawing, i) => {
    if (headings) {
      // XML forbids some invisible characters.
      const heading = headings[i].replace(/\p{C}/gu, ' ');
      const place = { x: 12, y: height + 20, fill: ink, 'font-size': 13 };
      file.append(makeSvg('text', place, heading));
      height += headingHeight;
    }
    file.append(filled(drawing, { y: height }, []));
    width = Math.max(width, Number(drawing.getAttribute('width')));
    height += Number(drawing.getAttribute('height'));
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
      const file = await (async () => build())().catch(() => null);
      byId('said').textContent = file ? '' : `No ${kind.toUpperCase()} can be made here; take another form.`;
      if (!file) return;
      const href = URL.createObjectURL(file);
      /** @type {HTMLAnchorElement} */ (make('a', { href, download: nameOf(kind) })).click();
      setTimeout(() => URL.revokeObjectURL(href), 10_000);
    });
}
