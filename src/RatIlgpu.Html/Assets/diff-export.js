// @ts-check
// Exports the comparison as files.

function picture() {
  const measure = measureNow();
  return heatFile([...(measure ? [grid.toSvg()] : []), matrix.toSvg()], [
    ...(measure ? [`${document.title}: ${measure.name}`] : []), 'Change of weights, ‖B − A‖ / ‖A‖']);
}

offerFiles((kind) => `diff.${kind}`, {
  svg: picture,
  png: () => pixelsOf(picture()),
  json: async () => new Blob([await unpacked(byId('file').textContent)], { type: 'application/json' }),
  csv: () => tableFile([
    ['head', 'layer', 'number', ...measureIds],
    ...keys.map((_, head) => [headNames[head], Math.floor(head / data.heads), head % data.heads,
      ...measures.map(({ values }) => values[head] ?? '')]),
  ]),
});
