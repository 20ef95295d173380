// The instruction set that everybody computes with: all that this processor has, or less, to see how others fare. Each
// side has a setting of its own for it.
import fs from "node:fs";

/**
 * What `--instructions` may say, with the settings of our own binding; of oneDNN in TensorFlow and
 * PyTorch; of PyTorch's own kernels and the vectors of what it compiles; of its compiler; of its MKL. TensorFlow's other
 * kernels and ONNX Runtime have none.
 * @type {Record<string, Record<string, string>>}
 */
export const instructionSettings = {
  avx2: {
    DENOISER_INSTRUCTIONS: "avx2",
    ONEDNN_MAX_CPU_ISA: "AVX2",
    ATEN_CPU_CAPABILITY: "avx2",
    TORCHINDUCTOR_CPP_MARCH: "x86-64-v3",
    MKL_ENABLE_INSTRUCTIONS: "AVX2",
  },
};

/** The names that Linux gives to instructions, the widest first. */
const names = { avx512f: "AVX-512", avx2: "AVX2", avx: "AVX" };

/** @param {string} [chosen] @returns {string | undefined} e.g. "AVX2", for records; undefined where it is not known */
export function instructionSet(chosen) {
  if (chosen) return names[/** @type {keyof typeof names} */ (chosen)];
  if (process.arch === "arm64") return "NEON";
  const cpuinfo = fs.existsSync("/proc/cpuinfo") ? fs.readFileSync("/proc/cpuinfo", "utf8").split(/\s+/) : [];
  return Object.entries(names).find(([flag]) => cpuinfo.includes(flag))?.[1];
}
