// @ts-check
// The table that the page of a trace exports.

/** Returns a row for each link. */
function exportedRows() {
  const names = ['layer', 'query_position', 'query_token', 'key_position', 'key_token', 'attention', 'path_share',
    'share_x_attention', 'paths'];
  const rows = data.links.map(({ key, query, attention, value, paths }) => [
    data.layer, query, data.tokens[query], key, data.tokens[key], attention, shareOf(paths), value,
    paths.map((path) => path + 1).join(' '),
  ]);
  return [names, ...rows];
}
