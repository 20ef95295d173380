// Which compiled binding tfjs-node loads: the one for all that this processor can do or, where the environment variable
// DENOISER_INSTRUCTIONS says so, one for fewer instructions, to see how other processors fare. Set-up makes both.
const path = require("node:path");

const { DENOISER_INSTRUCTIONS: chosen } = process.env;
const choices = ["avx2"];

if (chosen) {
  if (!choices.includes(chosen))
    throw new Error(`DENOISER_INSTRUCTIONS must be ${choices.join(" or ")}, or not be set, not ${chosen}`);
  const folder = path.join(path.dirname(require.resolve("@tensorflow/tfjs-node/package.json")), "lib", "napi-v8");
  const [usual, other] = ["tfjs_binding.node", `tfjs_binding-${chosen}.node`].map((name) => path.join(folder, name));
  require(other);
  require.cache[require.resolve(usual)] = require.cache[require.resolve(other)];
}
