// @ts-check
// Exports diagrams of paths as pictures.

const exportedStyles = [
  'display', 'fill', 'fill-opacity', 'stroke', 'stroke-opacity', 'stroke-dasharray', 'stroke-linecap',
  'stroke-linejoin', 'font-family', 'font-size', 'font-weight', 'opacity', 'unicode-bidi',
];

/**
 * Copies a diagram with its current colours, as a part of a file.
 * @param {View} view
 * @param {number} [y]
 */
function drawingOf({ flow, layout }, y = 0) {
  const copy = flow.cloneNode(true);
  const parts = 'path, rect, text, tspan, g';
  const shown = flow.querySelectorAll(parts);
  copy.querySelectorAll(parts).forEach((/** @type {Element} */ part, /** @type {number} */ i) => {
    const style = getComputedStyle(shown[i]);
    for (const name of exportedStyles) part.setAttribute(name, style.getPropertyValue(name));
    part.setAttribute('stroke-width', shown[i].getAttribute('stroke-width') ?? style.strokeWidth);
  });
  for (const hold of copy.querySelectorAll('.hold')) hold.remove();
  // Where the diagram is scrolled, the labels of lanes were moved into sight.
  for (const name of copy.querySelectorAll('.name')) name.removeAttribute('transform');
  return filled(copy, { y, width: layout().width, height: layout().height }, []);
}

/**
 * Returns an SVG file with diagrams one above the other.
 * @param {View[]} views
 * @param {string[]} [headings] one for each
 */
function pictureFile(views, headings) {
  const { backgroundColor, color } = getComputedStyle(views[0].canvas);
  return stackedFile(views.map((view) => drawingOf(view)), headings, backgroundColor, color);
}
