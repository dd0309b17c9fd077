// @ts-check
// The table that the page of a flow exports.

/** Returns a row for the share of each token, and one for each step of the drawn paths. */
function exportedRows() {
  const names = ['kind', 'layer', 'from_position', 'from_token', 'to_position', 'to_token', 'share', 'paths'];
  const { target } = data;
  const shares = data.shares.map((share, position) =>
    ['token', '', position, data.tokens[position], target, data.tokens[target], share, '']);
  const steps = data.links.map((link) => {
    const [from, to] = [tokenAt(link.key), tokenAt(link.query)];
    return ['step', layerOf(data, link), from, data.tokens[from], to, data.tokens[to], link.flow,
      link.paths.map((path) => path + 1).join(' ')];
  });
  return [names, ...shares, ...steps];
}
