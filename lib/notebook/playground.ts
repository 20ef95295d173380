// The playground below a cell: the reader draws, adds noise and watches the trained models remove it.
import { selectImages } from "../data/images";
import { comparisonGrid } from "../figures/comparison-grid";
import { pictureGridHtml } from "../figures/picture-grid";
import { denoise } from "../inference/denoise";
import { gaussian } from "../noise/gaussian";
import { type PlaygroundOptions, playground, playgroundType } from "../report/playground/data";
import { type Output, show } from "./display";

/** Numbers in the images of the still picture: ten digits, or one small photograph. */
const stillSize = 10 * 28 * 28;

/**
 * Shows the playground below the cell, and in the exported report: models that run in the reader's browser, on digits that
 * the reader draws, on these images, or on a picture of the reader's. Where no script runs, there is a still picture.
 * @throws {RangeError} when there are no models, they take different images, or the images are none that they take
 * @example
 * ```ts no-run
 * import { loadMnist, loadModel, sliceImages } from "../lib"; // in a cell of a notebook
 * import { showPlayground } from "../lib/notebook";
 * const models = [{ name: "U-Net", model: await loadModel("models/unet") }];
 * await showPlayground({ models, images: sliceImages(loadMnist().test, 0, 20), sigma: 0.5, seed: 42 });
 * ```
 */
export async function showPlayground(options: PlaygroundOptions): Promise<void> {
  show(await playgroundOutput(options));
}

/** The playground's forms: its data, from which a page makes it; a still picture with a sentence; text. */
export async function playgroundOutput(options: PlaygroundOptions): Promise<Output> {
  return { [playgroundType]: await playground(options), ...still(options) };
}

function still({ models, images, sigma, seed, clip }: PlaygroundOptions): Output {
  const [n, ...size] = images.shape;
  const count = Math.min(n, Math.max(1, Math.floor(stillSize / (size[0] * size[1] * size[2]))));
  const indices = Array.from({ length: count }, (_, i) => i);
  const clean = selectImages(images, indices);
  const noisy = gaussian(clean, { sigma, seed, stream: "test noise", clip });
  const rows = models.map(({ name, model }) => ({ name, images: denoise(model, noisy) }));
  const grid = comparisonGrid(clean, [{ name: "noisy", images: noisy }, ...rows], "The playground as it begins");
  const sentence =
    "In JupyterLab and in the exported report, you can draw here, change the noise, and see the models at work.";
  return { "text/html": `<p>${sentence}</p>${pictureGridHtml(grid)}`, "text/plain": `${grid.alt} ${sentence}` };
}
