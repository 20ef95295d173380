// The photographs that set-up takes out of scikit-image's wheel.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";

const root = path.resolve(__dirname, "../..");
const folder = path.join(root, ".setup", "photographs of a test");
const table = JSON.parse(fs.readFileSync(path.join(root, "lib", "data", "free-photographs.json"), "utf8"));
const pictures = table.pictures as { file: string; set: string; sha256: string; licence: string; source: string }[];
const clean = () => {
  for (const each of [folder, `${folder}.part`]) fs.rmSync(each, { recursive: true, force: true });
};
before(clean);
after(clean);

const setUp = async () => {
  const { photographsIn } = await import(path.join(root, "setup", "photographs.mjs"));
  const part = photographsIn(folder);
  if (!part.isComplete()) await part.make();
  assert.ok(part.isComplete());
};
const digest = (file: string) =>
  createHash("sha256")
    .update(fs.readFileSync(path.join(folder, file)))
    .digest("hex");

test("set-up takes out the free pictures, nothing else, and says where they come from", async () => {
  await setUp();
  assert.deepEqual(fs.readdirSync(folder).sort(), ["LICENCES", ...pictures.map(({ file }) => file)].sort());
  for (const { file, sha256 } of pictures) assert.equal(digest(file), sha256, file);
  const licences = fs.readFileSync(path.join(folder, "LICENCES"), "utf8");
  for (const { file, licence, source } of pictures)
    assert.ok(
      [file, licence, source].every((part) => licences.includes(part)),
      file,
    );
  for (const unlicensed of ["moon", "page", "motorcycle", "lfw"]) assert.ok(!licences.includes(unlicensed));
});

test("set-up leaves what is right, and replaces what is not", async () => {
  const camera = path.join(folder, "camera.png");
  const { mtimeMs } = fs.statSync(camera);
  await setUp();
  assert.equal(fs.statSync(camera).mtimeMs, mtimeMs);
  fs.writeFileSync(path.join(folder, "coins.png"), "half of a pi");
  fs.mkdirSync(`${folder}.part`); // of a set-up that was interrupted
  await setUp();
  assert.equal(digest("coins.png"), pictures.find(({ file }) => file === "coins.png")?.sha256);
  assert.ok(!fs.existsSync(`${folder}.part`));
});
