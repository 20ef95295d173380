// What a newcomer does: `npm start -- --quick` runs the notebooks and writes their reports; a report opens in a browser
// without a network; JupyterLab's export menu and plain nbconvert give the same.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { before, test } from "node:test";
import { findChromium, openOffline } from "./chromium";
import { copyOfDocuments } from "./commands/documents";
import { startJupyterLab } from "./jupyterlab";

const root = path.resolve(__dirname, "..");
const output = path.join(root, "test", "artefacts", "workflow é");
const python = path.join(root, ".setup", "python", "bin", "python");
const names = ["simple-autoencoder", "unet"];
const all = [...names, "noise", "photos"];
/** Training curves in each; learning rates where they change; the distributions of scores; scores over levels of noise. */
const plots: Record<string, number> = { "simple-autoencoder": 1, unet: 3, noise: 2, photos: 2 };
/** Networks that are trained in the notebook of noise. */
const trainingsWithNoise = 11;
const report = (name: string) => path.join(output, "reports", `${name}.html`);
const start = (...args: string[]) =>
  spawnSync(process.execPath, [path.join(root, "commands", "start.mjs"), ...args], {
    env: { ...process.env, IMAGE_DENOISER_OUTPUT: output },
    encoding: "utf8",
  });
const chromium = findChromium();
const withBrowser = {
  skip: chromium ? false : "no browser: install chromium (`sudo apt install chromium`), or name one in CHROMIUM",
};

let run: ReturnType<typeof start>;
before(() => {
  fs.rmSync(output, { recursive: true, force: true });
  run = start("--quick", "-p", "epochs", "1");
});

test("npm start --quick runs all notebooks and prints the final tables", () => {
  assert.equal(run.status, 0, run.stdout + run.stderr);
  assert.equal(
    run.stdout.match(/^ {2}epoch +1: loss \S+, validation loss \S+, /gm)?.length,
    3 + trainingsWithNoise,
    "all trainings are shown",
  );
  assert.match(run.stdout, /noisy +9\.3\d \(/);
  assert.match(run.stdout, /total variation +1\d\.\d\d \(/);
  assert.match(run.stdout, /simple autoencoder +\d\d\.\d\d \(.* \d\d\.\d +.*\nU-Net +\d+\.\d\d \(.* \d\d\.\d /);
  assert.deepEqual(
    fs.readdirSync(path.join(output, "reports")).sort(),
    ["index.html", ...all.flatMap((name) => [`${name}.html`, `${name}.ipynb`])].sort(),
  );
  const page = fs.readFileSync(path.join(output, "reports", "index.html"), "utf8");
  for (const name of all) assert.match(page, new RegExp(`<a href="../runs/[^"]*${name}[^"]*/reports/${name}.html"`));
  assert.match(run.stdout, /\n2 test pictures, colour, sigma 25\/255 .*\n.*\nnoisy +20\.\d\d \(/);
  assert.doesNotMatch(run.stdout, /not comparable|left out/, "digits and photographs have tables of their own");
});

test("npm run table prints the same table again", () => {
  const { status, stdout } = spawnSync(process.execPath, [path.join(root, "commands", "table.mjs")], {
    env: { ...process.env, IMAGE_DENOISER_OUTPUT: output },
    encoding: "utf8",
  });
  assert.equal(status, 0);
  assert.match(stdout, new RegExp(`training, ${os.availableParallelism()} cores`));
  assert.ok(run.stdout.includes(stdout));
});

test("start --keep puts such a run into the documents, as a notebook that passes the lint", async () => {
  const { publishNotebooks } = await import("../commands/support/publish.mjs");
  const { lint } = await import("../commands/support/notebook-lint.mjs");
  const { folder: project, read } = copyOfDocuments();
  publishNotebooks(all, { output, project });
  assert.match(read("README.md"), /\| 2 test pictures, colour, sigma 25\/255 \|(.*\n)+\| U-Net \| \d\d\.\d\d \(/);
  assert.match(read("README.md"), /\| U-Net \| \d\d\.\d\d \(.*\| \d+\.\d min \| 20\.96 \/ 0\.8371 \|/);
  for (const name of all) {
    const problems = lint(read(`notebooks/${name}.ipynb`));
    assert.deepEqual(
      problems.map((problem) => /no prose before it/.test(problem)),
      [true],
      "of --quick, which does not go with --keep, papermill makes a cell of its own",
    );
    assert.equal(JSON.parse(read(`docs/results/${name}.json`)).parameters.dataset, "quick");
    const figures = name === "noise" ? ["levels", "pictures", "residual"] : ["training", "pictures"];
    for (const id of figures) assert.match(read(`docs/images/${name}-${id}.svg`), /^<svg/);
  }
});

for (const name of names)
  test(`${name}: results as agreed, better than doing nothing, and a small notebook without errors`, () => {
    const results = JSON.parse(fs.readFileSync(path.join(output, "results", `${name}.json`), "utf8"));
    assert.deepEqual([results.schema, results.notebook, results.seed], [1, name, 42]);
    assert.deepEqual([results.parameters.dataset, results.parameters.epochs, results.history.length], ["quick", 1, 1]);
    assert.equal(results.machine.cores, os.availableParallelism());
    assert.ok(Date.parse(results.date) <= Date.now());
    assert.deepEqual([results.data.train + results.data.validation, results.data.test], [10_000, 2_000]);
    for (const metric of ["psnr", "ssim", "imageSsim"]) {
      const { low, mean, high } = results.test.denoised[metric];
      assert.ok(low < mean && mean < high, metric);
      assert.equal(results.test.perDigit?.length, 10);
    }
    assert.ok(results.test.denoised.psnr.low > results.test.noisy.psnr.high + 1);
    const file = path.join(output, "reports", `${name}.ipynb`);
    assert.ok(fs.statSync(file).size < 1.5e6);
    const outputs = JSON.parse(fs.readFileSync(file, "utf8")).cells.flatMap(
      (cell: { outputs?: object[] }) => cell.outputs ?? [],
    );
    assert.ok(
      outputs.every(
        (one: { output_type: string; name?: string }) => one.output_type !== "error" && one.name !== "stderr",
      ),
    );
    assert.ok(fs.existsSync(path.join(output, "models", name, "model.json")));
  });

test("noise: results of digits with noise that is not clipped, and the model for all levels with its card", () => {
  const results = JSON.parse(fs.readFileSync(path.join(output, "results", "noise.json"), "utf8"));
  assert.deepEqual([results.schema, results.notebook, results.data.test], [1, "noise", 80]);
  assert.ok(Math.abs(results.test.noisy.psnr.mean - 6.02) < 0.1); // -20 log10(0.5): nothing is clipped
  assert.ok(results.test.denoised.psnr.low > results.test.noisy.psnr.high + 1);
  assert.deepEqual(results.test.methods.map(({ name }: { name: string }) => name).slice(2), [
    "clean images",
    "Noise2Noise",
    "SURE",
    "Noise2Void",
    "Noise2Self",
  ]);
  assert.ok(fs.statSync(path.join(output, "reports", "noise.ipynb")).size < 1.5e6);
  const card = JSON.parse(fs.readFileSync(path.join(output, "models", "noise", "card.json"), "utf8"));
  assert.deepEqual([card.noise.sigma, card.noise.clipped], [[0.2, 0.8], false]);
});

test("photos: results of pictures, a model with its card, which cleans a picture from the command line", () => {
  const results = JSON.parse(fs.readFileSync(path.join(output, "results", "photos.json"), "utf8"));
  assert.deepEqual([results.schema, results.notebook, results.data.test], [1, "photos", 2]);
  assert.deepEqual(results.test.pictures, ["astronaut", "chelsea"]);
  assert.equal(results.test.perDigit, undefined);
  assert.ok(results.test.denoised.psnr.mean > results.test.noisy.psnr.mean);
  assert.equal(results.test.methods.length, 7);
  assert.ok(fs.statSync(path.join(output, "reports", "photos.ipynb")).size < 1.5e6);
  const model = path.join(output, "models", "photos");
  const card = JSON.parse(fs.readFileSync(path.join(model, "card.json"), "utf8"));
  assert.deepEqual([card.trainedOn.channels, card.noise.sigma], [3, [25 / 255, 25 / 255]]);
  const clean = path.join(output, "clean.png");
  const picture = path.join(root, ".setup", "photographs", "chelsea.png");
  const args = ["denoise", picture, "-o", clean, "--overwrite", "--model", model];
  const cleaned = spawnSync(process.execPath, [path.join(root, "commands", "denoiser.mjs"), ...args], {
    encoding: "utf8",
  });
  assert.equal(cleaned.status, 0, cleaned.stderr);
  assert.ok(fs.existsSync(clean));
});

/** Folders of the runs, the newest last. */
const runs = () =>
  fs
    .readdirSync(path.join(output, "runs"))
    .sort()
    .map((name) => path.join(output, "runs", name));

test("each run has a folder, and the U-Net is compared with the autoencoder of the same start", () => {
  assert.equal(runs().length, 4);
  for (const [i, folder] of runs().entries()) {
    const name = all[i];
    const differs = names.includes(name) ? "dataset=quick epochs=1 batchSize=(16|32)" : ".*dataset=quick .*";
    assert.match(path.basename(folder), new RegExp(`^20\\d\\d-\\S+ ${name} ${differs}$`));
    const files = ["run.json", "models", "reports", "results"];
    assert.deepEqual(fs.readdirSync(folder).sort(), files.sort());
    for (const file of [`reports/${name}.html`, `reports/${name}.ipynb`, `results/${name}.json`])
      assert.ok(fs.readFileSync(path.join(folder, file)).equals(fs.readFileSync(path.join(output, file))), file);
  }
  const { test: scored } = JSON.parse(fs.readFileSync(path.join(output, "results", "unet.json"), "utf8"));
  const baseline = scored.methods.find(({ name }: { name: string }) => name === "simple autoencoder");
  assert.equal(baseline.run, path.basename(runs()[0]));
});

test("resume goes on with the training that the checkpoint holds; a quick run does not replace a full one", () => {
  const file = path.join(output, "results", "simple-autoencoder.json");
  const results = JSON.parse(fs.readFileSync(file, "utf8"));
  const full = JSON.stringify({ ...results, parameters: { ...results.parameters, dataset: "full" } });
  fs.rmSync(file); // and written anew, as a full run leaves it
  fs.writeFileSync(file, full);
  const args = ["--quick", "--notebook", "simple-autoencoder", "-p", "epochs", "2", "-p", "resume", "true"];
  const resumed = start(...args);
  assert.equal(resumed.status, 0, resumed.stdout + resumed.stderr);
  const folder = runs()[4];
  const { history } = JSON.parse(fs.readFileSync(path.join(folder, "results", "simple-autoencoder.json"), "utf8"));
  assert.equal(history.length, 2);
  assert.deepEqual(history[0], results.history[0], "not trained again");
  assert.equal(fs.readFileSync(file, "utf8"), full);
  assert.ok(resumed.stdout.includes(path.relative(root, path.join(folder, "reports", "simple-autoencoder.html"))));
  assert.match(resumed.stdout, /reports\/, models\/ and results\/ keep the full run of 20\S+; --replace replaces it\n/);
});

test("each report is one file under 10 MB that shows its plots without a network", withBrowser, async () => {
  for (const name of all) {
    assert.ok(fs.statSync(report(name)).size < 10e6);
    const page = await openOffline(report(name), path.join(root, "test", "artefacts", `${name}.png`));
    assert.deepEqual(page, { plots: plots[name], requests: [], errors: [] });
  }
});

test("plain nbconvert from the environment gives the same report", withBrowser, async () => {
  const copy = path.join(output, "plain.html");
  const args = ["-m", "nbconvert", "--to", "html", "--output", copy, path.join(output, "reports", "unet.ipynb")];
  const { status, stderr } = spawnSync(python, args, { encoding: "utf8" });
  assert.equal(status, 0, stderr);
  assert.deepEqual(await openOffline(copy), { plots: plots.unet, requests: [], errors: [] });
});

test("JupyterLab's export menu gives the same report", withBrowser, async () => {
  const lab = await startJupyterLab();
  try {
    const notebook = encodeURI(path.relative(root, path.join(output, "reports", "unet.ipynb")));
    const answer = await fetch(`${lab.address}/nbconvert/html/${notebook}?token=${lab.token}`);
    assert.equal(answer.status, 200);
    const copy = path.join(output, "menu.html");
    fs.writeFileSync(copy, await answer.text());
    assert.deepEqual(await openOffline(copy), { plots: plots.unet, requests: [], errors: [] });
  } finally {
    await lab.stop();
  }
});

test("plain papermill from the environment takes parameters", () => {
  const copy = path.join(output, "papermill.ipynb");
  const args = [
    "-m",
    "papermill",
    path.join(root, "notebooks", "unet.ipynb"),
    copy,
    "-p",
    "sigma",
    "-1",
    "-p",
    "dataset",
    "quick",
  ];
  const { status, stderr } = spawnSync(python, args, {
    cwd: root,
    env: { ...process.env, IMAGE_DENOISER_OUTPUT: output },
    encoding: "utf8",
  });
  assert.equal(status, 1);
  assert.match(stderr, /sigma must be a number from 0 to 10, not -1/);
});

test("npm start refuses what it does not know, and names the cell that failed", () => {
  const message = (...args: string[]) => {
    const { status, stderr } = start(...args);
    assert.equal(status, 1);
    const foreign = /^\s+at (?!.*(cell \[|lib\/)).*|node:|node_modules|Exception encountered/m;
    assert.ok(!foreign.test(stderr), stderr);
    return stderr;
  };
  assert.match(
    message("--notebook", "resnet"),
    /there is no notebook "resnet"; there are simple-autoencoder, unet, noise and photos/,
  );
  assert.match(message("-p", "epochs"), /Usage: npm start/);
  assert.match(
    message("--fast"),
    /there is no option --fast; there are --quick, --notebook, -p, --replace and --keep\.\nUsage: npm start/,
  );
  assert.match(message("--quick", "--keep"), /--keep is for runs with the notebooks' own parameters/);
  assert.match(
    message("--notebook", "unet", "-p", "epoch", "3"),
    /unet\.ipynb has no parameter "epoch"; it has dataset, sigma, .* and attention\./,
  );
  assert.equal(message("--notebook", "unet", "-p", "sigma", "-1"), "\nsigma must be a number from 0 to 10, not -1.\n");
  assert.match(
    message("--notebook", "photos", "-p", "folder", "nowhere"),
    /photos\.ipynb failed in cell In \[5\]:\s+Error: .*nowhere: there is no such folder\n.*at cell \[5\], line \d+/s,
  );
});
