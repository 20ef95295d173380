// Using the library from a script: trains a small U-Net on a few digits, denoises others, and measures the result.
// Run it with: npx ts-node examples/denoise.ts
import { denoise, fit, gaussian, loadMnist, psnr, sliceImages, ssim, terminalProgress, tf, unet } from "image-denoiser";

async function main(): Promise<void> {
  const mnist = loadMnist({ dataset: "quick", validationShare: 0.05 });
  const pairs = (images: typeof mnist.train, count: number, stream: string) => {
    const clean = sliceImages(images, 0, count);
    return { clean, noisy: gaussian(clean, { sigma: 0.5, seed: 42, stream }) };
  };
  const train = pairs(mnist.train, 4000, "training noise");
  const validation = pairs(mnist.validation, 400, "validation noise");
  const test = pairs(mnist.test, 1000, "test noise");

  const model = unet({ filters: 8 });
  model.compile({ optimizer: tf.train.adam(0.003), loss: "meanSquaredError" });
  await fit(model, train, { epochs: 3, batchSize: 32, validation, callbacks: [terminalProgress()] });

  const denoised = denoise(model, test.noisy);
  const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
  console.log(
    `noisy:    ${mean(psnr(test.clean, test.noisy)).toFixed(2)} dB, SSIM ${mean(ssim(test.clean, test.noisy)).toFixed(3)}`,
  );
  console.log(
    `denoised: ${mean(psnr(test.clean, denoised)).toFixed(2)} dB, SSIM ${mean(ssim(test.clean, denoised)).toFixed(3)}`,
  );
}

main();
