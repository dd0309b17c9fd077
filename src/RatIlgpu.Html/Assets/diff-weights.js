// @ts-check
// The change of all weights as a matrix, and all numbers of one weight.

const matrix = heatMap(byId('matrix'), {
  label: 'Weights by layer. Arrow keys move, Enter keeps.',
  pick: (row, column) => weightPlaces.has(`${row}.${column}`) && pick(`w${row}.${column}`),
});

/** @param {number} row @param {number} column */
const relativeAt = (row, column) => weights[weightPlaces.get(`${row}.${column}`) ?? -1]?.numbers[0] ?? null;

function showMatrix() {
  if (!isNew('matrix', state.scale)) return;
  const most = mostOf(weights.filter(({ layer }) => layer !== undefined).map(({ numbers }) => numbers[0]));
  matrix.show({
    rows: data.layers, columns: data.parts.length, rowTitle: 'Layer', columnTitle: 'Weight',
    shade: (row, column) => {
      const value = relativeAt(row, column);
      return value === null ? null : shadeOf(value, most);
    },
    text: (row, column) => cellText(relativeAt(row, column), true),
    rowLabel: String, columnLabel: (column) => data.parts[column], cell: { width: [22, 60], height: [21, 21] },
  });
  showEnds('weights', false, shown(most, true));
}

/** Returns the details of a weight. @param {number} place @returns {[string, (string | number)?][]} */
function weightDetails(place) {
  const { name, shape, formats, numbers: [relative, norm, before, rank, effective] } = weights[place];
  return [
    [name], ['Shape', shape], ['Format', formats], ['‖B − A‖ / ‖A‖', shown(relative, true)], ['‖B − A‖', short(norm)],
    ['‖A‖', short(before)], ['Rank of the change', rankText(rank)],
    ...(effective === null ? [] : [/** @type {[string, string]} */ (['Effective rank', effective.toFixed(1)])]),
  ];
}
