// How each method copes with weak and strong noise: its mean scores over the standard deviation of the noise.
import type { Data } from "plotly.js";
import type { NoiseLevelScores } from "../evaluation/noise-levels";
import { formatNumber } from "../numbers";
import { type Figure, lineStyle, plotLayout } from "./figure";

const metrics = ["psnr", "ssim"] as const;
type Metric = (typeof metrics)[number];
const axisTitle = { psnr: "PSNR, dB", ssim: "SSIM" };

/**
 * One line per method with 95 % intervals as error bars, and buttons that switch between PSNR, shown first, and SSIM.
 * @param sigmas standard deviations of the noise, where pixels are in [0, 1]
 * @param methods the noisy images first: they get the grey line
 * @throws {RangeError} when a method does not have one score per standard deviation
 * @example
 * ```ts
 * import { noiseLevelFigure } from "image-denoiser";
 * const scores = (...means: number[]) => means.map((mean) => ({ mean, low: mean - 0.1, high: mean + 0.1 }));
 * const noisy = { name: "noisy", psnr: scores(22.7, 9.4), ssim: scores(0.7, 0.4) };
 * noiseLevelFigure([0.1, 0.5], [noisy], "Scores").data.length // 2
 * ```
 */
export function noiseLevelFigure(
  sigmas: readonly number[],
  methods: readonly NoiseLevelScores[],
  title: string,
): Figure {
  for (const method of methods)
    for (const metric of metrics)
      if (method[metric].length !== sigmas.length)
        throw new RangeError(
          `${method.name}: there must be one ${metric} score for each of the ${sigmas.length} standard deviations, not ${method[metric].length}`,
        );
  const lines = (metric: Metric) =>
    methods.map(({ name, [metric]: scores }, i): Data => {
      const { color, dash, symbol } = lineStyle(i);
      return {
        type: "scatter",
        mode: "lines+markers",
        name,
        legendgroup: name,
        visible: metric === "psnr",
        x: [...sigmas],
        y: scores.map(({ mean }) => mean),
        error_y: {
          type: "data",
          array: scores.map(({ mean, high }) => high - mean),
          arrayminus: scores.map(({ mean, low }) => mean - low),
          color,
          thickness: 1,
          width: 3,
        },
        line: { color, dash, width: 2 },
        marker: { color, symbol, size: 8 },
        hovertemplate: `sigma %{x}: %{y:.4~g}<extra>${name}</extra>`,
      };
    });
  const button = (metric: Metric) => ({
    label: metric.toUpperCase(),
    method: "update" as const,
    args: [
      { visible: metrics.flatMap((shown) => methods.map(() => shown === metric)) },
      { "yaxis.title.text": axisTitle[metric] },
    ],
  });
  const layout = plotLayout(title, {
    height: 460,
    xaxis: { title: { text: "standard deviation of the noise" } },
    yaxis: { title: { text: axisTitle.psnr } },
    buttons: metrics.map(button),
  });
  return { data: metrics.flatMap(lines), layout, alt: describe(sigmas, methods, title) };
}

function describe(sigmas: readonly number[], methods: readonly NoiseLevelScores[], title: string): string {
  const last = sigmas.length - 1;
  const course = ({ name, psnr, ssim }: NoiseLevelScores) =>
    `${name} from ${formatNumber(psnr[0].mean, 1)} dB and SSIM ${formatNumber(ssim[0].mean, 2)} to ${formatNumber(psnr[last].mean, 1)} dB and ${formatNumber(ssim[last].mean, 2)}`;
  return `${title}: mean scores at standard deviations from ${sigmas[0]} to ${sigmas[last]}: ${methods.map(course).join("; ")}.`;
}
