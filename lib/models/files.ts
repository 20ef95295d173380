// Models on disk, in TensorFlow.js' own layers format: `model.json` and `weights.bin`, which a browser can load too.
import fs from "node:fs";
import path from "node:path";
import * as tf from "@tensorflow/tfjs";

/** Writes the model into `folder`, replacing what was there only once the new one is whole. */
export async function saveModel(model: tf.LayersModel, folder: string): Promise<void> {
  const unfinished = `${folder}.part`;
  fs.rmSync(unfinished, { recursive: true, force: true });
  fs.mkdirSync(path.dirname(folder), { recursive: true });
  await model.save(`file://${unfinished}`);
  fs.rmSync(folder, { recursive: true, force: true });
  fs.renameSync(unfinished, folder);
}

/** @throws {Error} when the folder holds no model */
export async function loadModel(folder: string): Promise<tf.LayersModel> {
  const file = path.join(folder, "model.json");
  if (!fs.existsSync(file)) throw new Error(`there is no model in ${folder} (no model.json)`);
  return tf.loadLayersModel(`file://${file}`);
}
