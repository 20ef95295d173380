import assert from "node:assert/strict";
import { test } from "node:test";
import { type Images, imageSize, selectImages, sliceImages } from "../../lib/data/images";

const images: Images = { data: Float32Array.from({ length: 12 }, (_, i) => i), shape: [3, 2, 2, 1] };

test("selected images are the asked-for ones, in order", () => {
  assert.equal(imageSize(images), 4);
  assert.deepEqual(selectImages(images, [2, 0]), {
    data: Float32Array.of(8, 9, 10, 11, 0, 1, 2, 3),
    shape: [2, 2, 2, 1],
  });
  assert.deepEqual(selectImages(images, []).shape, [0, 2, 2, 1]);
});

for (const index of [3, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY])
  test(`there is no image ${index} to select`, () => {
    assert.throws(() => selectImages(images, [0, index]), new RegExp(`there is no image ${index} among 3 images`));
  });

test("a slice is a view on the images from start to before end", () => {
  const slice = sliceImages(images, 1, 3);
  assert.deepEqual(
    [slice.shape, [...slice.data]],
    [
      [2, 2, 2, 1],
      [4, 5, 6, 7, 8, 9, 10, 11],
    ],
  );
  assert.equal(slice.data.buffer, images.data.buffer);
  assert.deepEqual(sliceImages(images, 3, 3).shape, [0, 2, 2, 1]);
});

for (const [start, end, message] of [
  [-1, 2, /start must be a whole number from 0 to 2, not -1/],
  [0.5, 2, /start must be a whole number from 0 to 2, not 0.5/],
  [Number.NaN, 2, /start must be a whole number from 0 to 2, not NaN/],
  [2, 1, /start must be a whole number from 0 to 1, not 2/],
  [0, -1, /end must be a whole number from 0 to 3, not -1/],
  [0, 1.5, /end must be a whole number from 0 to 3, not 1.5/],
  [0, Number.NaN, /end must be a whole number from 0 to 3, not NaN/],
  [0, 4, /end must be a whole number from 0 to 3, not 4/],
] as const)
  test(`a slice from ${start} to ${end} of 3 images is refused`, () => {
    assert.throws(() => sliceImages(images, start, end), message);
  });

test("images whose data and shape do not fit together are refused", () => {
  const broken: Images = { ...images, shape: [4, 2, 2, 1] };
  for (const choose of [() => selectImages(broken, [3]), () => sliceImages(broken, 3, 4)])
    assert.throws(choose, /images: shape \[4, 2, 2, 1\] needs 16 values, but data holds 12/);
});
