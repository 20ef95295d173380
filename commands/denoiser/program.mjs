// The commands of image-denoiser, their options and help.
import fs from "node:fs";
import path from "node:path";
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { cleanOnCluster } from "./cluster.mjs";
import { allModels, modelsFor, noModels, ownModels } from "./model-folders.mjs";
import {
  cleaner,
  cleaning,
  cleaningAll,
  descriptions,
  evaluation,
  exporting,
  kindsOfNoise,
  photographRecipes,
  plans,
  savedModels,
  training,
} from "./modules.mjs";

/** @typedef {import("./clean-all.js").Streams} Streams */

/** An option that must be given. Commander's own are asked for before it says that another one does not exist. */
class Needed extends Option {}

/** @type {{ version: string }} */
const { version } = JSON.parse(fs.readFileSync(new URL("../../package.json", import.meta.url), "utf8"));

/**
 * @param {string[]} args after the program's name
 * @param {Streams} streams
 * @param {AbortSignal} [signal] ends the work before the next part of a picture
 * @returns {Promise<number>} the exit code
 */
export async function run(args, streams, signal) {
  const { stdout, stderr } = streams;
  let code = 0;
  const program = new Command("image-denoiser")
    .description("Removes noise from pictures: PNG, JPEG, WebP and TIFF, 8 or 16 bit, grey or colour.")
    .configureOutput({ writeOut: (text) => stdout.write(text), writeErr: (text) => stderr.write(text) })
    .configureHelp({ helpWidth: 100 })
    .exitOverride()
    .showHelpAfterError("Add --help to see what is possible.")
    .helpCommand(false)
    .version(version, "--version", "write the version")
    .hook("preAction", (_, command) => {
      const missing = command.options.find(
        (option) => option instanceof Needed && command.getOptionValue(option.attributeName()) === undefined,
      );
      if (missing) command.error(`error: required option '${missing.flags}' not specified`);
    })
    .addHelpText("after", "\n`image-denoiser COMMAND --help` explains a command.");

  program
    .command("denoise")
    .description("cleans pictures, and keeps everything else in the files as it was")
    .argument("<inputs...>", 'files, folders, patterns such as "photos/**/*.jpg", or - for standard input')
    .addOption(new Needed("-o, --output <out>", "a folder; for a single picture also a file, or - for standard output"))
    .option("-m, --model <name>", "a model's folder or a folder of several, or the name of one that comes along")
    .option("-s, --sigma <number>", "standard deviation of the noise, where you know it: 0.1 or 25/255", sigma)
    .option("--scheduler <address>", "share the pictures among the workers of a Dask cluster: tcp://host:8786")
    .option("--overwrite", "replace results that exist")
    .option("--json", "write one JSON object a picture to standard output")
    .option("-q, --quiet", "write only warnings and errors")
    .addHelpText("after", denoiseHelp)
    .action(async (inputs, options) => {
      if (options.json && options.output === "-")
        throw new Error("--json and the picture would both go to standard output: name a file after -o");
      const plan = plans().planOf(inputs, options.output);
      const found = modelsFor(options.model);
      requireWritable(options.output);
      if (options.scheduler) {
        if (plan.jobs.some((job) => [job.input, job.output].includes("-")))
          throw new Error("--scheduler takes files: standard input and output are not on the other machines");
        code = await cleanOnCluster(options.scheduler, plan, found, streams, { ...options, signal });
        return;
      }
      code = await cleaningAll().cleanAll(plan, cleaner(found.groups, found.named), streams, { ...options, signal });
    });

  program
    .command("train")
    .description("trains a model on a folder of clean pictures, and measures it on some that are held out")
    .argument("<folder>", "the pictures, also in folders in it")
    .addOption(new Needed("-o, --output <model>", "the folder of the model"))
    .option(
      "-s, --sigma <range>",
      "the noise to learn: its standard deviation, or a range (default: 5/255..50/255)",
      sigmaRange,
    )
    .option("--noise <kinds>", "the kind of noise, or several, separated by commas (default: gaussian)", noiseNames)
    .option("--channels <number>", "1: grey; 3: colour (default: what most of the pictures are)", channels)
    .option("--filters <number>", "feature maps at full resolution: more learn more, and take longer", Number)
    .option("--epochs <number>", "how often the model is validated", Number)
    .option("--patches <number>", "patches in an epoch", Number)
    .option("--patch-size <pixels>", "pixels a side of a patch", Number)
    .option("--batch-size <number>", "patches in each step of the optimizer", Number)
    .option("--learning-rate <number>", "the largest step size", Number)
    .option("--predicts <what>", "what the last layer gives: noise or image", predicts, "noise")
    .option("--seed <number>", "equal seeds give equal models", Number, 42)
    .option("--overwrite", "replace a model that exists")
    .option("--json", "write the card as JSON to standard output")
    .option("-q, --quiet", "write only errors")
    .addHelpText("after", trainHelp)
    .action(async (folder, { output, patches, ...options }) => {
      requireWritable(output);
      code = await training().trainModel(
        folder,
        output,
        {
          ...options,
          patchesPerEpoch: patches,
          signal,
          command: ["npx image-denoiser", ...args.filter((arg) => arg !== "--overwrite").map(quoted)].join(" "),
        },
        streams,
      );
    });

  program
    .command("evaluate")
    .description("measures a model: adds noise to clean pictures, removes it, and compares (PSNR, SSIM)")
    .argument("<inputs...>", "clean pictures: files, folders or patterns")
    .addOption(new Needed("-m, --model <name>", "the model's folder, or the name of one that comes along"))
    .option("-s, --sigma <number>", "standard deviation of the noise; the model's own, if its card has one", sigma)
    .option("--json", "write the scores as JSON")
    .option("-q, --quiet", "write only the scores, warnings and errors")
    .addHelpText("after", evaluateHelp)
    .action(async (inputs, options) => {
      const { found: pictures, problems } = plans().picturesOf(inputs);
      const found = oneModel(options.model);
      for (const problem of problems) stderr.write(`${problem}\n`);
      const files = pictures.map(({ file }) => file);
      const loader = new (cleaning().Models)(found.groups, true);
      code = await evaluation().evaluatePictures(files, loader, streams, { ...options, signal });
      if (problems.length > 0) code ||= 1;
    });

  program
    .command("models")
    .description("lists models: what each was trained on and for, and how well it does")
    .argument("[folders...]", `folders of models, beside ${ownModels} and those that come along`)
    .option("--json", "write the cards as JSON")
    .action((folders, options) => {
      const found = [...allModels().flat(), ...folders.flatMap(savedModels().modelsIn)];
      if (options.json) stdout.write(`${JSON.stringify(found, null, 2)}\n`);
      else
        stdout.write(found.length > 0 ? `${found.map(descriptions().describeModel).join("\n\n")}\n` : `${noModels}\n`);
    });

  program
    .command("export")
    .description("writes a model for other programs: ONNX, PyTorch or Keras")
    .argument("<model>", "a model's folder, or the name of one that comes along")
    .addOption(
      new Needed("--to <format>", "the format; safetensors is for PyTorch").choices(["onnx", "safetensors", "keras"]),
    )
    .addOption(new Needed("-o, --output <folder>", "a folder for the files"))
    .option("--overwrite", "replace files that exist")
    .addHelpText("after", exportHelp)
    .action(async (model, { to, output: out, overwrite }) => {
      const { folder } = oneModel(model).groups[0][0];
      const files = await exporting().exportSavedModel(folder, out, { to, overwrite });
      stdout.write(`${files.join("\n")}\n`);
    });

  try {
    await program.parseAsync(args, { from: "user" });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    stderr.write(`${error instanceof Error ? error.message : error}\n`);
    return 1;
  }
}

const denoiseHelp = `
The result of a folder or pattern has the same folders and names in OUT. What exists there is left
alone, so the same command goes on where it was stopped. A picture that cannot be cleaned does not
stop the others; it is listed at the end, and the exit code is 1. Hidden files and links to folders
are left out. The input is never changed.

Kept: bit depth, alpha channel, colour profile, orientation, resolution, metadata.

Without --model, the model whose card fits the picture and its noise is taken, one of your own
before one that comes along (\`image-denoiser models\` lists them). One that you name is used in any
case; if it does not fit, standard error says why. A model of grey pictures cleans each channel of a
colour picture by itself. A model of colour pictures does not clean grey ones: it expects different
noise in each channel.

Examples:
  image-denoiser denoise photo.jpg -o clean.png
  image-denoiser denoise photos -o clean --model models/photos
  image-denoiser denoise "scans/**/*.tif" -o clean --sigma 15/255
  image-denoiser denoise - -o - < noisy.png > clean.png
  image-denoiser denoise photos -o clean --scheduler tcp://host:8786`;

function trainHelp() {
  const { filters, epochs, patchesPerEpoch, patchSize, batchSize, learningRate } = photographRecipes().photographRecipe;
  return `
Without options: ${filters} filters, ${epochs} epochs of ${patchesPerEpoch} patches of ${patchSize} x ${patchSize} pixels in batches of ${batchSize}, learning rate
${learningRate}: about ten minutes on two cores.

A tenth of the pictures, at most 20, is held out for validation, as many for the test; no picture is
in two sets. Ctrl-C stops the training, and the same command goes on after the last epoch that has
ended. The model gets a card: what it was trained on and for, and how well it does.

Kinds of noise: ${kindsOfNoise()
    .noiseKinds.join(", ")
    .replace(/(.{60,80}), /, "$1,\n")}.
--sigma is the standard deviation in a pixel of half brightness for each of them; of several kinds,
each patch gets one.

Examples:
  image-denoiser train photos -o models/mine
  image-denoiser train photos -o models/low-light --noise poisson-gaussian,gaussian
  image-denoiser train scans -o models/scans --channels 1 --sigma 25/255`;
}

const evaluateHelp = `
Noise of the model's kind is added (Gaussian where it has no card), the same in every run, and
clipped only if the model was trained so. Each mean has its 95 % interval.

Example:
  image-denoiser evaluate test-photos --model models/photos --sigma 25/255`;

const exportHelp = `
What OUT gets:
  onnx         model.onnx         any batch size, and any height and width if the model takes any
  safetensors  model.safetensors  the weights, and denoiser.py, the network for PyTorch that loads them
  keras        model.keras        for keras.models.load_model of Keras 3
and a test input with its result (test.npz or test.safetensors), and README.md, which says how to run
and check the model. The model's card goes with it.

Models are exported whose layers compute the same in all of these: convolutions, transposed ones, max
pooling, nearest-neighbour upsampling, batch normalization, relu, sigmoid, hardSigmoid, tanh, add and
concatenate. Another layer is named, and nothing is written.

Examples:
  image-denoiser export models/photos --to onnx -o photos-onnx
  image-denoiser export models/unet --to safetensors -o unet-pytorch`;

/** @param {string} text @returns {number | [low: number, high: number]} */
function sigmaRange(text) {
  const [low, high, ...more] = text.split("..").map(sigma);
  if (high === undefined) return low;
  if (more.length === 0 && low <= high) return [low, high];
  throw new InvalidArgumentError(
    `It must be one number, or two with the smaller one first: 5/255..50/255, not ${text}.`,
  );
}

/** @param {string} text */
function noiseNames(text) {
  const { noiseKinds } = kindsOfNoise();
  const names = text.split(",");
  for (const name of names)
    if (!noiseKinds.some((kind) => kind === name))
      throw new InvalidArgumentError(`It must be one or several of ${noiseKinds.join(", ")}, not ${name}.`);
  return names;
}

/** @param {string} text @returns {1 | 3} */
function channels(text) {
  if (text === "1" || text === "3") return text === "1" ? 1 : 3;
  throw new InvalidArgumentError(`It must be 1 (grey) or 3 (colour), not ${text}.`);
}

/** @param {string} text @returns {"noise" | "image"} */
function predicts(text) {
  if (text === "noise" || text === "image") return text;
  throw new InvalidArgumentError(`It must be noise or image, not ${text}.`);
}

/** @param {string} arg */
const quoted = (arg) => (/^[\w./:=@%+-]+$/.test(arg) ? arg : `'${arg.replaceAll("'", "'\\''")}'`);

/** @param {string} text */
function sigma(text) {
  const [, numerator, denominator = "1"] = /^([\d.]+(?:e-?\d+)?)(?:\/([\d.]+))?$/i.exec(text) ?? [];
  const value = Number(numerator) / Number(denominator);
  if (value > 0 && value <= 1) return value;
  throw new InvalidArgumentError(
    `It must be a number above 0 and at most 1, where 1 is the range of values from black to white: 0.1 or 25/255, not ${text}.`,
  );
}

/** @param {string} name */
function oneModel(name) {
  const found = modelsFor(name);
  if (!found.named) throw new Error(`${name} holds several models: name the folder of one`);
  return found;
}

/**
 * Before any work is done.
 * @param {string} out
 * @throws {Error} when nothing can be written there
 */
function requireWritable(out) {
  if (out === "-") return;
  const folder = plans().isFile(out) ? path.dirname(out) : out;
  try {
    fs.mkdirSync(folder, { recursive: true });
    fs.rmdirSync(fs.mkdtempSync(path.join(folder, ".")));
  } catch (error) {
    const { code = "", message } = /** @type {NodeJS.ErrnoException} */ (error);
    throw new Error(`nothing can be written to ${out}: ${causes[code] ?? message}; choose another place after -o`, {
      cause: error,
    });
  }
}

/** @type {Record<string, string>} */
const causes = {
  EACCES: "you may not write there",
  EPERM: "you may not write there",
  EROFS: "the disk is read-only",
  ENOSPC: "the disk is full",
  ENOTDIR: "a part of its path is a file, not a folder",
  EEXIST: "a part of its path is a file, not a folder",
};
