// Numbers as people read them: with a minus sign (U+2212, as wide as a plus) instead of a hyphen, and ∞ for infinity.

const typographic = (text: string): string => text.replaceAll("-", "−").replace("Infinity", "∞");

/**
 * -4.8486 with two digits: "−4.85". What rounds to zero has no sign.
 * @param digits after the decimal point
 */
export function formatNumber(value: number, digits: number): string {
  const text = value.toFixed(digits);
  return typographic(Number(text) === 0 ? text.replace("-", "") : text);
}

/**
 * 0.09704 with three digits: "0.0970".
 * @param digits significant ones
 */
export const formatSignificant = (value: number, digits: number): string => typographic(value.toPrecision(digits));

/**
 * 0.0080001 with four digits: "0.008".
 * @param digits significant ones, at most
 */
export const formatShortest = (value: number, digits: number): string =>
  typographic(String(Number(value.toPrecision(digits))));

/** A standard deviation of noise: 0.5, or "25/255", as people write what they measure in 255 levels; "0.123" for others. */
export function formatLevel(sigma: number): string {
  const short = String(Number(sigma.toPrecision(3)));
  const levels = Math.round(sigma * 2550) / 10;
  return Number(short) !== sigma && Math.abs(levels / 255 - sigma) < 1e-9 ? `${levels}/255` : short;
}
