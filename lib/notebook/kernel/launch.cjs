// Jupyter starts the kernel by `node launch.cjs CONNECTION_FILE`. ts-node loads the `.ts` files of the kernel and of the
// notebooks' `../lib` imports from source, with true line numbers in error messages.
const path = require("node:path");
const root = path.resolve(__dirname, "../../..");
require("ts-node").register({ cwd: root, project: path.join(root, "tsconfig.json") });
require("./kernel").startKernel(root, process.argv[2]);
