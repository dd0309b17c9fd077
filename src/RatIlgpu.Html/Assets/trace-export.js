// @ts-check
// Exports the trace as files.

async function dataFile() {
  const first = await unpacked(byId('trace-json').textContent);
  // The other layers refer to lines of the first.
  const index = layerIndex();
  const json = index > 0 ? joined(first.split('\n'), await unpacked(byId('trace-json-' + index).textContent)) : first;
  return new Blob([json], { type: 'application/json' });
}

/**
 * @param {string[]} lines
 * @param {string} parts JSON of texts, and of first lines with a count
 */
function joined(lines, parts) {
  return JSON.parse(parts).map((/** @type {string | number[]} */ part) => (
    typeof part === 'string' ? part : lines.slice(part[0], part[0] + part[1]).join('\n'))).join('\n');
}

/** Returns a row for each link of the shown layer. */
function linkRows() {
  const names = ['layer', 'query_position', 'query_token', 'key_position', 'key_token', 'attention', 'path_share',
    'share_x_attention', 'paths'];
  const rows = data.links.map(({ key, query, attention, value, paths }) => [
    data.layer, query, data.tokens[query], key, data.tokens[key], attention, shareOf(paths), value,
    paths.map((path) => path + 1).join(' '),
  ]);
  return [names, ...rows];
}

offerFiles((kind) => (layers.length > 1 ? `trace-L${data.layer}.${kind}` : `trace.${kind}`), {
  svg: () => pictureFile([diagram]),
  png: () => pixelsOf(pictureFile([diagram])),
  json: dataFile,
  csv: () => tableFile(linkRows()),
});
