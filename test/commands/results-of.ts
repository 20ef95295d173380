// Results files as runs of the notebooks leave them, made up.
import type { Results } from "../../lib/evaluation/results";

const interval = (mean: number) => ({ mean, low: mean - 0.1, high: mean + 0.1 });
const scores = (psnr: number) => ({ psnr: interval(psnr), ssim: interval(0.8), imageSsim: interval(0.8) });

/** A row of a table of methods. */
export const row = (name: string, psnr: number) => ({ name, scores: scores(psnr), accuracy: interval(0.9) });

export interface Made {
  readonly cores?: number;
  readonly sigma?: number;
  readonly dataset?: string;
  readonly methods?: NonNullable<Results["test"]["methods"]>;
}

/** Results of a run with noise of sigma; the noisy images have 9 dB at 0.5, and 13 dB otherwise. */
export function resultsOf(
  notebook: string,
  psnr: number,
  { cores, sigma = 0.5, dataset = "full", methods }: Made = {},
) {
  const noisy = sigma === 0.5 ? 9 : 13;
  const results: Results = {
    schema: 1,
    notebook,
    parameters: { dataset, sigma, seed: 42 },
    seed: 42,
    modelParameters: 1,
    versions: {},
    data: { train: 1, validation: 1, test: 10_000, digests: {} },
    history: [],
    test: {
      digest: `of sigma ${sigma}`,
      noisy: scores(noisy),
      denoised: scores(psnr),
      perDigit: [],
      ...(methods && { methods }),
    },
    seconds: { training: 90, evaluation: 1, total: 91 },
    ...(cores && { machine: { cores, cpu: "a processor", os: "Linux" } }),
    date: "2026-11-25T16:19:20.447Z",
  };
  return results;
}
