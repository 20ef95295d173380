// The photographs that come with scikit-image and are free: taken out of its pinned wheel on PyPI, checked by digest.
// lib/data/free-photographs.json lists them with their sources and licences.
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { root, setupFolder } from "./layout.mjs";
import { failure } from "./run.mjs";
import { megabytes, step } from "./terminal.mjs";
import { unpackWheel } from "./wheel.mjs";

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
    line.progress(`downloading ${megabytes(wheel.size)}`);
    const members = Object.fromEntries(pictures.map(({ file }) => [`skimage/data/${file}`, file]));
    await unpackWheel(wheel, members, unfinished, { what: "The photographs" });
    const wrong = firstWrong(unfinished);
    if (wrong) throw failure("The photographs", `error: ${wrong} in ${wheel.requirement} is not the expected file`);
    fs.writeFileSync(path.join(unfinished, "LICENCES"), `${licences()}\n`);
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
