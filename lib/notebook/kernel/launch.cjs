// What Jupyter starts: node launch.cjs CONNECTION_FILE. From here on `.ts` files load by themselves (ts-node), so the
// kernel and the notebooks' `../lib` imports run straight from source, with true line numbers in error messages.
const path = require("node:path");
const root = path.resolve(__dirname, "../../..");
require("ts-node").register({ cwd: root, project: path.join(root, "tsconfig.json") });
require("./kernel").startKernel(root, process.argv[2]);
