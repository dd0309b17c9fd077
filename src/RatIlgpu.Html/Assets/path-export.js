// @ts-check
// Exports what a page of paths shows as files.

async function dataFile() {
  const json = await (several ? several.file() : unpacked(byId('file').textContent));
  return new Blob([json], { type: 'application/json' });
}

offerFiles((kind) => `${root.dataset.page}${several?.suffix() ?? ''}.${kind}`, {
  svg: () => pictureFile([diagram]),
  png: () => pixelsOf(pictureFile([diagram])),
  json: dataFile,
  csv: () => tableFile(exportedRows()),
});
