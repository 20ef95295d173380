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
