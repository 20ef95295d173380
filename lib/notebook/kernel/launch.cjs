// Jupyter starts the kernel by `node launch.cjs CONNECTION_FILE [DISPLAYS]`. DISPLAYS is a module whose `outputOf(value)`
// shows values of a cell's last expression.
const path = require("node:path");
const root = path.resolve(__dirname, "../../..");
require("./register.cjs").register(root);
const [connectionFile, displays] = process.argv.slice(2);
require("./kernel").startKernel(root, connectionFile, displays);
