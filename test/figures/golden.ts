// Compares a figure's static SVG with the committed one in test/figures/golden. After an intended change, remake them
// and look at each in a browser before committing it:
//   UPDATE_GOLDEN=1 npm test -- test/figures
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { PNG } from "pngjs";
import type { Drawing } from "../../lib/figures/architecture";
import type { Figure } from "../../lib/figures/figure";
import type { PictureGrid } from "../../lib/figures/picture-grid";
import { staticSvg } from "../../lib/figures/static-svg";

const root = path.resolve(__dirname, "../..");
const golden = path.join(__dirname, "golden");
const artefacts = path.join(root, "test", "artefacts", "figures");

/** @throws {AssertionError} that says where the drawn SVG is, when it is not the committed one */
export function assertGolden(name: string, figure: Figure | PictureGrid | Drawing): void {
  const drawn = `${staticSvg(figure).replaceAll("><", ">\n<")}\n`;
  assert.doesNotMatch(drawn, /NaN|undefined|="[^"]*Infinity/, `${name}: a coordinate or a text is missing`);
  const expectedFile = path.join(golden, `${name}.svg`);
  const expected = fs.existsSync(expectedFile) ? fs.readFileSync(expectedFile, "utf8") : "";
  if (comparable(drawn) === comparable(expected)) return;
  if (process.env.UPDATE_GOLDEN) {
    fs.writeFileSync(expectedFile, drawn);
    return;
  }
  const drawnFile = path.join(artefacts, `${name}.svg`);
  fs.mkdirSync(artefacts, { recursive: true });
  fs.writeFileSync(drawnFile, drawn);
  assert.fail(
    `${path.relative(root, drawnFile)} is what is drawn now; it differs from the committed ${path.relative(root, expectedFile)}:\n` +
      `${firstDifference(comparable(expected), comparable(drawn))}\n` +
      "Open both in a browser. If the new one is right: UPDATE_GOLDEN=1 npm test -- test/figures",
  );
}

/** The SVG with a digest of the pixels in place of each PNG, whose bytes depend on the version of zlib. */
const comparable = (svg: string): string =>
  svg.replace(/data:image\/png;base64,([^"]+)/g, (_, base64: string) => {
    const { width, height, data } = PNG.sync.read(Buffer.from(base64, "base64"));
    return `${width} x ${height} pixels, SHA-256 ${createHash("sha256").update(data).digest("hex")}`;
  });

function firstDifference(expected: string, drawn: string): string {
  const [before, now] = [expected.split("\n"), drawn.split("\n")];
  const line = now.findIndex((text, i) => text !== before[i]);
  const at = line === -1 ? now.length : line;
  return `line ${at + 1}\n- ${before[at] ?? "(ends)"}\n+ ${now[at] ?? "(ends)"}`;
}
