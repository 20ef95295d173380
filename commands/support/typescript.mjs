// Loads modules that are TypeScript. They are compiled when they are first asked for: until set-up is done, the compiler
// may be missing, and help and mistakes are answered without TensorFlow.
import { createRequire } from "node:module";
import { root } from "../../setup/layout.mjs";

/**
 * @param {string} url of the module that loads others, which it names by their paths from itself
 * @returns {(module: string) => any}
 */
export function typescriptOf(url) {
  const requireHere = createRequire(url);
  return (module) => {
    if (!(Symbol.for("ts-node.register.instance") in process)) requireHere("ts-node").register({ cwd: root });
    return requireHere(module);
  };
}
