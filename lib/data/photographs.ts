// The free photographs of scikit-image, which set-up takes out of its wheel: few, but enough to try a training on.
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { checkChoice } from "../checks";
import type { PictureFile, PictureSet } from "./image-folder";

interface Listed extends Omit<PictureFile, "name" | "file" | "digest" | "bytes"> {
  readonly file: string;
  readonly set: "train" | "validation" | "test";
  readonly colour: boolean;
  readonly sha256: string;
}

/** Pictures of each set, and where they come from. */
export interface Photographs {
  readonly train: PictureSet;
  readonly validation: PictureSet;
  readonly test: PictureSet;
}

const folder = path.resolve(__dirname, "..", "..", ".setup", "photographs");

/**
 * The photographs that come along: 15, of which 7 are in colour. Their split is fixed, by picture:
 *
 * | set | in colour | grey only |
 * |---|---|---|
 * | train | coffee, hubble_deep_field, ihc, retina | brick, cell, grass, horse, text |
 * | validation | rocket | coins |
 * | test | astronaut, chelsea | camera, gravel |
 *
 * Held out are photographs of a person, a cat and a street scene, and one of the three textures. So few pictures show
 * whether a method works, not how well it does on all photographs: intervals over the test pictures are wide. In colour,
 * the grey ones are for training too, for the `colourChanges` of `patches`. Use `imageFolder` with pictures of your own
 * for more. Sources and licences are in `.setup/photographs/LICENCES`.
 * @param options channels: 1 for grey pictures; 3 for colour, validated and tested on those that are in colour
 * @throws {RangeError} when channels is not 1 or 3
 * @throws {Error} when a file is missing or not the expected one
 * @example
 * ```ts
 * import { loadPhotographs } from "image-denoiser";
 *
 * const { train, test } = loadPhotographs({ channels: 3 });
 * test.pictures.map(({ name, width, height }) => `${name}, ${width} x ${height}`)
 * // [ 'astronaut, 512 x 512', 'chelsea, 451 x 300' ]
 * train.pictures.length // 9
 * ```
 */
export function loadPhotographs({ channels = 3 }: { readonly channels?: 1 | 3 } = {}): Photographs {
  checkChoice("channels", channels, [1, 3]);
  const listed = JSON.parse(fs.readFileSync(path.join(__dirname, "free-photographs.json"), "utf8"))
    .pictures as Listed[];
  const pick = (set: Listed["set"]): PictureSet => ({
    channels,
    pictures: listed
      .filter((picture) => picture.set === set && (channels === 1 || picture.colour || set === "train"))
      .map(({ file, height, width, sha256, colour }) => ({
        name: path.parse(file).name,
        file: checked(path.join(folder, file), sha256),
        height,
        width,
        bytes: height * width * (colour ? 3 : 1),
        digest: sha256,
      })),
  });
  return { train: pick("train"), validation: pick("validation"), test: pick("test") };
}

function checked(file: string, sha256: string): string {
  const found = fs.existsSync(file) && createHash("sha256").update(fs.readFileSync(file)).digest("hex");
  if (found !== sha256)
    throw new Error(`${file} is ${found ? "not the expected file" : "missing"}: run \`npm run setup\``);
  return file;
}
