// Colours of differences that colour-blind readers can distinguish.

/** The bytes of a pixel for the value of an image there: one for grey, or red, green and blue. */
export type Colors = (value: number) => readonly number[];

/** The largest difference that has a colour of its own. */
export const largestDifference = 0.5;
/** From blue over near-white to red: ColorBrewer's RdBu with seven classes, reversed. */
const stops = [
  [33, 102, 172],
  [103, 169, 207],
  [209, 229, 240],
  [247, 247, 247],
  [253, 219, 199],
  [239, 138, 98],
  [178, 24, 43],
];

/** Differences that are closer to each other than this have one colour: it halves the size of the PNG. */
const step = 0.025;

/** Blue below 0, near-white at 0, red above; differences beyond `largestDifference` have the colours of the ends. */
export const diverging: Colors = (value) => {
  const rounded = step * Math.round(value / step);
  const share = Math.min(1, Math.max(0, 0.5 + rounded / (2 * largestDifference)));
  const position = share * (stops.length - 1);
  const below = Math.min(Math.floor(position), stops.length - 2);
  return stops[below].map((from, channel) =>
    Math.round(from + (position - below) * (stops[below + 1][channel] - from)),
  );
};
