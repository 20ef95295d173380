// Our recipe, from nothing to denoised test digits: what `npm run bench -- --time-to-quality` runs on our side.
import { denoise, fit, gaussian, type Images, loadMnist, logMseAndSsim, tf, unet, warmUpThenDecay } from "../lib";

/** @returns the test digits and what the trained model makes of their noisy versions */
export async function denoisedTestDigits(): Promise<{ clean: Images; denoised: Images }> {
  const mnist = loadMnist({ validationShare: 1 / 12 });
  const withNoise = (clean: Images, stream: string, seed = 42) => gaussian(clean, { sigma: 0.5, seed, stream });
  const validation = { clean: mnist.validation, noisy: withNoise(mnist.validation, "validation noise") };
  const testNoisy = withNoise(mnist.test, "test noise");

  const model = unet();
  const peak = 8e-3;
  model.compile({ optimizer: tf.train.adam(peak), loss: logMseAndSsim });
  await fit(
    model,
    { clean: mnist.train, noisy: (clean, seed) => withNoise(clean, "online noise", seed) },
    { epochs: 2, batchSize: 64, validation, callbacks: [warmUpThenDecay({ peak })] },
  );
  return { clean: mnist.test, denoised: denoise(model, testNoisy) };
}
