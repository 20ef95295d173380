import assert from "node:assert/strict";
import { test } from "node:test";
import type { Images } from "../../lib/data/images";
import { inverseOf, orientations, transform } from "../../lib/data/symmetry";

/** 1 2 3 above 4 5 6 */
const image: Images = { data: Float32Array.of(1, 2, 3, 4, 5, 6), shape: [1, 2, 3, 1] };
const rows = ({ data, shape: [, height, width] }: Images) =>
  Array.from({ length: height }, (_, y) => [...data.subarray(y * width, (y + 1) * width)].join("")).join(" ");

test("the eight symmetries: quarter turns anticlockwise, and those of the mirror image, as NumPy's rot90 and fliplr", () => {
  const results = [0, 1, 2, 3, 4, 5, 6, 7].map((symmetry) => rows(transform(image, symmetry)));
  assert.deepEqual(results, [
    "123 456",
    "36 25 14",
    "654 321",
    "41 52 63",
    "321 654",
    "14 25 36",
    "456 123",
    "63 52 41",
  ]);
});

test("each symmetry has one that undoes it, with channels too", () => {
  const colour: Images = { data: Float32Array.from({ length: 18 }, (_, i) => i), shape: [1, 2, 3, 3] };
  for (let symmetry = 0; symmetry < 8; symmetry++)
    assert.deepEqual(transform(transform(colour, symmetry), inverseOf(symmetry)), colour);
});

test("EXIF's orientations: what turns the stored picture upright", () => {
  // 6: the camera was turned so that the stored picture must be rotated clockwise
  assert.equal(rows(transform(image, orientations[6])), "41 52 63");
  assert.equal(rows(transform(image, orientations[3])), "654 321");
  assert.equal(rows(transform(image, orientations[2])), "321 654");
});
