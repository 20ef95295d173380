// tfjs-node 4.22 calls two functions that Node 23 removed from `util`. Loaded with `node -r`, before tfjs-node.
const util = require("node:util");
util.isNullOrUndefined ??= /** @type {typeof util.isNullOrUndefined} */ (
  (value) => value === null || value === undefined
);
util.isArray ??= Array.isArray;
