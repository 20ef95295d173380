// Where the compiler's process begins if it does not start from a snapshot (./snapshot.cjs); ts-node loads its TypeScript.
const [root, folder] = process.argv.slice(2);
require("./register.cjs").register(root);
require("./compiler-process").serve(require("./cells").createCells(root, folder), folder);
