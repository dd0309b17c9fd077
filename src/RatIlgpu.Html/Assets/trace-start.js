// @ts-check
// Where the diagram of a trace opens.

/** Scrolls to the target, where reading begins. @param {View} view */
function showStart({ canvas, flow, layout }) {
  const [, , top = 0, height = 0] = layout().bars.at(-1) ?? [];
  canvas.scrollTo(canvas.scrollWidth, (top + height / 2) * flow.dataset.k - canvas.clientHeight / 2);
}
