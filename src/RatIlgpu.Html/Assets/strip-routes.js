// @ts-check
// The paths of a trace in the text of a prompt.

/**
 * Returns the tokens of a path, the earliest first.
 * @param {Prompt} prompt
 * @param {number[]} at
 * @param {(step: number) => boolean} [apart] whether the position of a step is shown too
 */
const routeText = (prompt, at, apart = () => false) => at
  .map((position, step) => isolated(clip(tokenText(prompt, position), 18)) + (apart(step) ? '@' + position : ''))
  .toReversed().join(' → ');

/**
 * Returns the texts of paths. Those of paths that read alike have the positions in which these paths differ.
 * @param {Prompt} prompt
 * @param {{ at: number[] }[]} paths
 */
function routesOf(prompt, paths) {
  const texts = paths.map(({ at }) => routeText(prompt, at));
  return paths.map(({ at }, i) => {
    const alike = paths.filter((_, other) => texts[other] === texts[i]);
    return routeText(prompt, at, (step) => alike.some((path) => path.at[step] !== at[step]));
  });
}

/**
 * Scrolls a region to one of its tokens as soon as the region is visible: before, its parts are not measured.
 * @param {Element} region
 * @param {Element} token
 */
function openAtToken(region, token) {
  new IntersectionObserver(([{ isIntersecting }], observer) => {
    if (!isIntersecting) return;
    observer.disconnect();
    scrollToToken(region, token);
  }).observe(region);
}
