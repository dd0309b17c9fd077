// @ts-check
// Exports what is shown as files.

/** Returns the rows of the shown unit, then the cells of the heads. */
function tableRows() {
  const view = shownView();
  const cells = (view ? readers ?? [] : []).filter((name) => /^L/.test(name)).flatMap((name) =>
    (readsOf(name, view) ?? []).map((value, key) =>
      [state.view, 'head-by-source', name, key, shownPrompt().tokens[key], value, '']));
  return [
    ['view', 'unit', 'component', 'token_position', 'token', 'logits', 'spread'],
    ...rowsOf(shownUnit()).map(({ name, value, spread }) =>
      [state.view, state.unit, name, '', '', value, spread ?? '']),
    ...cells,
  ];
}

function picture() {
  const drawings = [rowsDrawing(), ...(heat && shownView() ? [heat.toSvg()] : [])];
  const headings = [document.title + ': ' + (shownView()?.target ?? 'mean'), byId('sources-title').textContent];
  return heatFile(drawings, headings.slice(0, drawings.length));
}

offerFiles((kind) => `attribution${views.length > 1 && kind !== 'json' ? '-' + state.view : ''}.${kind}`, {
  svg: picture,
  png: () => pixelsOf(picture()),
  json: async () => new Blob([await unpacked(byId('file').textContent)], { type: 'application/json' }),
  csv: () => tableFile(tableRows()),
});
