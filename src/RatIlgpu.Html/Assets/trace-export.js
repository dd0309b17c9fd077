// @ts-check
// Exports the trace as files.

async function dataFile() {
  const json = await (several ? several.file() : unpacked(byId('file').textContent));
  return new Blob([json], { type: 'application/json' });
}

/** Returns a row for each link. */
function linkRows() {
  const column = measureColumn(data);
  const isExplained = data.links.some(({ why }) => why);
  const names = ['layer', 'query_position', 'query_token', 'key_position', 'key_token', column, 'path_share',
    `share_x_${column}`, 'paths', ...(isExplained ? ['attention_score', 'position_alone', 'largest_pairs'] : [])];
  const rows = data.links.map(({ key, query, attention, value, paths, why }) => [
    data.layer, query, data.tokens[query], key, data.tokens[key], attention, shareOf(paths), value,
    paths.map((path) => path + 1).join(' '), ...(isExplained ? [why?.score ?? '', why?.alone ?? '', pairsOf(why)] : []),
  ]);
  return [names, ...rows];
}

offerFiles((kind) => `trace${several?.suffix() ?? ''}.${kind}`, {
  svg: () => pictureFile([diagram]),
  png: () => pixelsOf(pictureFile([diagram])),
  json: dataFile,
  csv: () => tableFile(linkRows()),
});
