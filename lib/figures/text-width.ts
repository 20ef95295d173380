/** An upper estimate in pixels of how wide the longest of these texts is, in the figures' font. */
export const textWidth = (texts: readonly string[]): number =>
  Math.ceil(7.5 * Math.max(0, ...texts.map(({ length }) => length)));
