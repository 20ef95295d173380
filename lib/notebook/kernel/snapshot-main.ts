// What a snapshot (./snapshot.cjs) is made of: run once, this reads and checks what the notebooks import; a process that
// starts from the snapshot continues at the last line.
import v8 from "node:v8";
import { preparedCells, serve } from "./compiler-process";

const [root, folder] = process.argv.slice(-2);
const cells = preparedCells(root, folder);
v8.startupSnapshot.setDeserializeMainFunction(() => serve(cells, folder));
