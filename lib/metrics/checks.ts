// What every metric refuses: a wrong number is worse than an error.
import { checkSameShape, type Images } from "../data/images";

/** @throws {RangeError} */
export function checkDataRange(dataRange: number): void {
  if (!(dataRange > 0 && Number.isFinite(dataRange)))
    throw new RangeError(`dataRange must be a positive number, not ${dataRange}`);
}

/** @throws {RangeError} when two stacks of images differ in shape, or one holds a value that is not a finite number */
export function checkPair(clean: Images, denoised: Images): void {
  checkSameShape(clean, denoised, ["clean", "denoised"]);
  checkFinite(clean, "clean");
  checkFinite(denoised, "denoised");
}

/** @throws {RangeError} that names the first value that is not a finite number */
function checkFinite({ data, shape }: Images, name: string): void {
  for (let i = 0; i < data.length; i++)
    if (!Number.isFinite(data[i]))
      throw new RangeError(`${name} holds ${data[i]} (image ${Math.floor(i / (data.length / shape[0]))})`);
}
