// Where the compiler's thread begins; ts-node loads its TypeScript.
const { workerData } = require("node:worker_threads");
require("./register.cjs").register(workerData.root);
require("./compiler-thread").serve(workerData);
