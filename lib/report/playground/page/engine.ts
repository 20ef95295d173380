// The engine in a browser: bundling puts this module in the place of lib/engine. WebAssembly where the browser lets it run,
// else plain JavaScript, which is slower.
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import simd from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm";
import { replaceKernels } from "./kernels";
import * as tf from "./tensorflow";

/** There is no native operation in browsers. */
export const attention = <X>(projected: X, _: object, stock: (projected: X) => tf.Tensor): tf.Tensor =>
  stock(projected);
export { tf };

/** lib/metrics calls it with TensorFlow's own backend only. */
export const uniformSsim = (): never => {
  throw new Error("this kernel is not for browsers");
};

export type Backend = "WebAssembly" | "plain JavaScript";

/** The backend reports no error of the module that it fetches: whatever has not started by then never will. */
const patience = 8000;

export async function startEngine(): Promise<Backend> {
  if ((await mayRun()) && (await starts())) {
    replaceKernels();
    return "WebAssembly";
  }
  await import("@tensorflow/tfjs-backend-cpu"); // bundled, but run only here: its kernels are many
  await tf.setBackend("cpu");
  return "plain JavaScript";
}

/** The smallest module there is: its magic number and version. */
const emptyModule = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);

/** False where a page's policy forbids it, and in browsers before 2021 to 2023, which lack SIMD. */
async function mayRun(): Promise<boolean> {
  try {
    await WebAssembly.compile(emptyModule);
    return (await tf.env().getAsync("WASM_HAS_SIMD_SUPPORT")) as boolean;
  } catch {
    return false;
  }
}

function starts(): Promise<boolean> {
  // all three names must be there; the module for several threads is not asked for in a page from a file, which has one
  const names = ["tfjs-backend-wasm.wasm", "tfjs-backend-wasm-simd.wasm", "tfjs-backend-wasm-threaded-simd.wasm"];
  setWasmPaths(Object.fromEntries(names.map((name) => [name, simd])), true);
  // in the backend's own start: while one backend has not ended its start, no other can be used
  const start = tf.findBackendFactory("wasm") as () => Promise<tf.KernelBackend>;
  tf.removeBackend("wasm");
  tf.registerBackend("wasm", () => Promise.race([start(), late()]));
  return tf.setBackend("wasm").catch(() => false);
}

const late = () =>
  new Promise<never>((_, reject) => {
    setTimeout(() => reject(new Error("the WebAssembly module has not started")), patience);
  });
