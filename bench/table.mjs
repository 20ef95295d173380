// Comparisons for people: a block for each benchmark in the terminal, a row for each in the document.
import { benchmarks, timeToQuality } from "./benchmarks.mjs";

/** @typedef {import("./compare.mjs").Comparison} Comparison */

/** @param {number} value @param {string} unit */
function quantity(value, unit) {
  const digits = value < 10 ? 2 : value < 100 ? 1 : 0;
  return `${value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits })} ${unit}`;
}

/** @param {import("./compare.mjs").Quality} [quality] */
const scores = (quality) => (quality ? `, ${quality.psnr.toFixed(2)} dB, SSIM ${quality.ssim.toFixed(3)}` : "");

/** @param {Comparison[]} comparisons */
export function textTable(comparisons) {
  const blocks = [...benchmarks, timeToQuality].flatMap(({ name, title }) => {
    const own = comparisons.filter((comparison) => comparison.name === name);
    if (own.length === 0) return [];
    const [{ ours, unit, quality }] = own;
    const rows = [
      ["ours", quantity(ours, unit), "ours / theirs", scores(quality?.ours)],
      ...own.map((one) => [one.peer, quantity(one.theirs, unit), one.ratio.toFixed(2), scores(one.quality?.theirs)]),
    ];
    const lines = rows.map(
      ([who, value, ratio, more]) =>
        `  ${who.padEnd(31)}${value.padStart(10)}${ratio.padStart(16)}${more.replace(",", "  ")}`,
    );
    return [`${title} (${name})\n${lines.join("\n")}`];
  });
  return `${blocks.join("\n\n")}\n\nMedians; smaller is better, and below 1.00 ours is.`;
}

/** The document's columns, and the peers for each: the best of them stands there. */
const columns = {
  Keras: ["keras", "scikit-image", "the rest of the step", "ONNX Runtime"],
  PyTorch: ["pytorch"],
  "stock tfjs-node": ["tfjs-node as it comes"],
};

/** @param {Comparison[]} comparisons */
export function markdownTable(comparisons) {
  /** @param {string[]} cells */
  const line = (cells) => `| ${cells.join(" | ")} |`;
  const rows = [...benchmarks, timeToQuality].flatMap(({ name, title }) => {
    const own = comparisons.filter((comparison) => comparison.name === name);
    if (own.length === 0) return [];
    const cells = Object.values(columns).map((beginnings) => {
      const [best] = own
        .filter(({ peer }) => beginnings.some((beginning) => peer.startsWith(beginning)))
        .sort((a, b) => a.theirs - b.theirs);
      if (!best) return "";
      const who = best.peer.startsWith("keras") || !columns.Keras.includes(best.peer) ? "" : `${best.peer}: `;
      return `${who}${quantity(best.theirs, best.unit)} (${best.ratio.toFixed(2)})${scores(best.quality?.theirs)}`;
    });
    const [{ ours, unit, quality }] = own;
    return [line([title, `**${quantity(ours, unit)}**${scores(quality?.ours)}`, ...cells])];
  });
  const head = [line(["", "ours", ...Object.keys(columns)]), line(["---", "--:", "--:", "--:", "--:"])];
  return [...head, ...rows].join("\n");
}
