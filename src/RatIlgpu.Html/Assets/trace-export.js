// @ts-check
// The table that the page of a trace exports.

/** Returns a row for each link. */
function exportedRows() {
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
