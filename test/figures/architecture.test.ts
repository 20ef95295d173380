// Drawings of models, compared with committed ones.
import assert from "node:assert/strict";
import { test } from "node:test";
import { architecture } from "../../lib/figures/architecture";
import { simpleAutoencoder } from "../../lib/models/simple-autoencoder";
import { unet } from "../../lib/models/unet";
import { figureOutput } from "../../lib/notebook/display";
import { assertGolden } from "./golden";

test("the autoencoder and the U-Nets are drawn as committed", () => {
  assertGolden("architecture-autoencoder", architecture(simpleAutoencoder(), "The simple autoencoder"));
  assertGolden("architecture-unet", architecture(unet(), "The U-Net"));
  assertGolden("architecture-attention", architecture(unet({ attention: "layer" }), "The U-Net with self-attention"));
  const forPhotographs = unet({ channels: 3, height: null, width: null, predicts: "noise" });
  assertGolden("architecture-photographs", architecture(forPhotographs, "The U-Net for photographs"));
});

test("nothing is drawn outside of the picture, with more channels and convolutions of one pixel too", () => {
  const { svg } = architecture(unet({ filters: [32, 96, 192], residual: true }), "Large");
  for (const [, x] of svg.matchAll(/ x="([-\d.]+)"/g)) assert.ok(Number(x) >= 0 && Number(x) < 720, x);
});

test("a drawing is shown as a picture with its description, where inline SVG is removed too", () => {
  const drawing = architecture(unet(), "The U-Net");
  const output = figureOutput(drawing);
  assert.match(
    String(output["text/html"]),
    /^<img alt="The U-Net: 28 x 28, 1 channel; .* Skip connections at 14 x 14 and 28 x 28\."/,
  );
  assert.deepEqual([output["image/svg+xml"], output["text/plain"]], [drawing.svg, drawing.alt]);
});
