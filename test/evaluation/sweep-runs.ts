// A sweep of six runs: four finished, one failed, one not run yet.
import type { Results } from "../../lib/evaluation/results";
import type { Sweep, SweepRun } from "../../lib/evaluation/sweep";

function run(sigma: number, learningRate: number, outcome: number[] | string | undefined): SweepRun {
  const parameters = { dataset: "quick", sigma, learningRate };
  const name = `dataset=quick,sigma=${sigma},learningRate=${learningRate}`;
  if (!Array.isArray(outcome)) return { name, parameters, error: outcome };
  const psnr = 20 + 1000 * learningRate;
  const interval = (mean: number) => ({ mean, low: mean - 0.1, high: mean + 0.1 });
  const scores = { psnr: interval(psnr), ssim: interval(0.8), imageSsim: interval(0.8) };
  const results: Results = {
    schema: 1,
    notebook: "unet",
    parameters: { ...parameters, seed: 42 },
    seed: 42,
    modelParameters: 1,
    versions: {},
    data: { train: 9000, validation: 1000, test: 10_000, digests: {} },
    history: outcome.map((valLoss, i) => ({ epoch: i + 1, loss: 0.9 * valLoss, valLoss, learningRate, seconds: 1 })),
    test: { digest: `of sigma ${sigma}`, noisy: scores, denoised: scores, perDigit: [] },
    seconds: { training: 90, evaluation: 1, total: 91 },
  };
  return { name, parameters, results, report: `${name}/reports/unet.html` };
}
export const sweep: Sweep = {
  notebook: "unet",
  runs: [
    run(0.5, 0.001, [0.3, 0.21]),
    run(0.5, 0.002, "In [4]: <bad>"),
    run(0.5, 0.01, [0.29, 0.2]),
    run(0.3, 0.001, [0.19, 0.11]),
    run(0.3, 0.002, undefined),
    run(0.3, 0.01, [0.1, 0.15]),
  ],
};
