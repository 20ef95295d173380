// Jupyter starts the kernel by `node launch.cjs CONNECTION_FILE [DISPLAYS]`. DISPLAYS is a module whose `outputOf(value)`
// shows values of a cell's last expression. ts-node loads the `.ts` files of the kernel and of the notebooks' `../lib`
// imports from source, with true line numbers in error messages.
const path = require("node:path");
const root = path.resolve(__dirname, "../../..");
require("ts-node").register({ cwd: root, project: path.join(root, "tsconfig.json") });
const [connectionFile, displays] = process.argv.slice(2);
require("./kernel").startKernel(root, connectionFile, displays);
