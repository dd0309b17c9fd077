// @ts-check
// Matrices as parts of SVG files.

/**
 * Draws a whole matrix, with its axes, as a part of a file. Neighbours of one colour are one rectangle.
 * @param {Matrix} matrix
 */
function heatDrawing({ rows, columns, shade, signed = false, pool, rowLabel, columnLabel, rowTitle, columnTitle }) {
  const cells = pool && rows > mostInFile
    ? pooledSteps(pool, mostInFile, signed)
    : pooled({ from: 0, to: rows }, { from: 0, to: columns }, mostInFile, mostInFile, shade, signed);
  const { colours } = rampOf(signed);
  const [none, ink] = coloursOf(['surface-2', 'ink-2']).map((colour) => hexOf(packed(colour)));
  const cell = Math.max(1, Math.min(18, Math.floor(720 / Math.max(cells.rows, cells.columns))));
  const [left, top] = [140, 140];
  const [wide, high] = [cells.columns * cell, cells.rows * cell];
  const file = makeSvg('svg', {
    width: left + wide + 16, height: top + high + 16, 'font-size': 11, fill: ink,
  });
  for (let i = 0; i < cells.rows; i++)
    for (let from = 0, to = 1; from < cells.columns; from = to, to++) {
      const step = cells.steps[i * cells.columns + from];
      while (to < cells.columns && cells.steps[i * cells.columns + to] === step) to++;
      file.append(makeSvg('rect', {
        x: left + from * cell, y: top + i * cell, width: (to - from) * cell, height: cell,
        fill: step < 0 ? none : hexOf(colours[step]), 'shape-rendering': 'crispEdges',
      }));
    }
  const label = (text) => clip(text.replace(/\p{C}/gu, ' '), 18);
  const every = (count, extent) => Math.max(1, Math.ceil((12 * count) / extent));
  for (let row = 0; row < rows; row += every(rows, high))
    file.append(makeSvg('text', { x: left - 6, y: top + ((row + .5) * high) / rows + 4, 'text-anchor': 'end' },
      label(rowLabel(row))));
  for (let column = 0; column < columns; column += every(columns, wide)) {
    const [x, y] = [left + ((column + .5) * wide) / columns + 4, top - 6];
    file.append(makeSvg('text', { x, y, transform: `rotate(-90 ${x} ${y})` }, label(columnLabel(column))));
  }
  file.append(
    makeSvg('text', { x: left + wide / 2, y: 14, 'text-anchor': 'middle' }, columnTitle),
    makeSvg('text', {
      x: 14, y: top + high / 2, 'text-anchor': 'middle', transform: `rotate(-90 14 ${top + high / 2})`,
    }, rowTitle));
  return file;
}

/**
 * Returns an SVG file with drawings of a known size one above the other.
 * @param {SVGElement[]} drawings
 * @param {string[]} headings one for each
 */
function heatFile(drawings, headings) {
  const [ground, ink] = coloursOf(['surface', 'ink']).map((colour) => hexOf(packed(colour)));
  return stackedFile(drawings, headings, ground, ink);
}
