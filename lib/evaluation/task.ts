// What makes the task of a denoiser easier or harder: models that were trained with different ones are told apart.
import type { Parameters } from "./results";

export const taskSettings = ["dataset", "sigma"];

/** Those of the task's settings in which a training differs from another: "sigma 0.5". */
export const differentTask = (training: Parameters, other: Parameters): string[] =>
  taskSettings
    .filter((name) => training[name] !== undefined && String(training[name]) !== String(other[name]))
    .map((name) => `${name} ${training[name]}`);

/** A model's name in a table beside another model: "simple autoencoder, trained with sigma 0.5" where that differs. */
export function nameBeside(name: string, training: Parameters, other: Parameters): string {
  const different = differentTask(training, other);
  return different.length > 0 ? `${name}, trained with ${different.join(" and ")}` : name;
}
