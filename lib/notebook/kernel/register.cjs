// Lets ts-node load the `.ts` files of the kernel and of the notebooks' `../lib` imports from source, with true line numbers
// in error messages. esbuild compiles them (./transpiler).
const path = require("node:path");

/** @param {string} root the project's folder */
exports.register = (root) => {
  require("ts-node").register({
    cwd: root,
    project: path.join(root, "tsconfig.json"),
    transpileOnly: true,
    transpiler: path.join(__dirname, "transpiler.cjs"),
  });
};
