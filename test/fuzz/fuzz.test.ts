// Native kernels and stock tfjs give the same for random models and random uses. `npm run fuzz` runs more of them.
import assert from "node:assert/strict";
import path from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";

interface Driver {
  fuzz(kind: "models" | "uses", first: number, count: number): Promise<{ failures: unknown[] }>;
}
const driver = (): Promise<Driver> => import(pathToFileURL(path.join(__dirname, "driver.mjs")).href);

test("300 random models: losses and weights of two training steps, predictions, tensors left", async () => {
  assert.deepEqual((await (await driver()).fuzz("models", 0, 300)).failures, []);
});

test("400 random uses of layers and operations: values, gradients, tensors left", async () => {
  assert.deepEqual((await (await driver()).fuzz("uses", 0, 400)).failures, []);
});
