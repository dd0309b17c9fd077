// @ts-check
// Which parts of a page show what they are to show.

/** @type {Record<string, string>} */
const drawnParts = {};

/**
 * Tells whether a part must be drawn anew, since what it shows has changed.
 * @param {string} part
 * @param {...any} shown
 */
function isNew(part, ...shown) {
  const wanted = shown.join('|');
  if (drawnParts[part] === wanted) return false;
  drawnParts[part] = wanted;
  return true;
}
