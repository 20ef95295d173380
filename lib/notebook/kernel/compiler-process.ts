// The compiler's process: answers requests one after the other, and while there is none, reads and checks what cells will
// probably import, so that the first one need not wait for it.
import fs from "node:fs";
import path from "node:path";
import { type Cells, createCells } from "./cells";
import { type Requests, type Response, unasked } from "./compiler";
import { complete, inspect, isComplete } from "./help";
import { importedBy } from "./project";

interface Request {
  readonly id: number;
  readonly name: keyof Requests;
  readonly args: never;
}

/** Serves the kernel that has started this process. */
export function serve(cells: Cells, folder: string): void {
  const { service } = cells.project;
  const requests: Requests = {
    compile: cells.compile,
    inspect: (scope, source, position) => inspect(service, cells.open(scope, source), position),
    complete: (scope, source, position) => complete(service, cells.open(scope, source), position),
    isComplete,
  };
  const send = (response: Response) => process.send?.(response);

  const expected = importsOfNotebooks(folder);
  send({ id: unasked, answer: cells.withoutErrors(expected) });
  process.on("message", ({ id, name, args }: Request) => {
    try {
      send({ id, answer: (requests[name] as (...given: unknown[]) => unknown)(...(args as unknown[])) });
    } catch (error) {
      send({ id, error: error as Error });
    }
  });
  process.on("disconnect", () => process.exit());
  const prepare = () => {
    if (cells.prepare()) setImmediate(prepare);
    else rehearse(cells, expected);
  };
  setImmediate(() => {
    cells.expect(expected);
    prepare();
  });
}

/** Cells of a folder, with all that its notebooks import read and checked. */
export function preparedCells(root: string, folder: string): Cells {
  const cells = createCells(root, folder);
  const expected = importsOfNotebooks(folder);
  cells.expect(expected);
  while (cells.prepare());
  rehearse(cells, expected);
  return cells;
}

/** Compiles a cell like a notebook's first for nobody: the second time, it takes a third of the time. */
function rehearse(cells: Cells, specifiers: readonly string[]): void {
  const imports = [...new Set(specifiers)].map((name, i) => `import * as m${i} from ${JSON.stringify(name)};\n`);
  cells.compile(new Map(), imports.join(""));
}

/** What the cells of the notebooks in a folder import. */
function importsOfNotebooks(folder: string): string[] {
  const notebooks = fs.readdirSync(folder).filter((name) => name.endsWith(".ipynb"));
  return notebooks.flatMap((name) => {
    try {
      const { cells } = JSON.parse(fs.readFileSync(path.join(folder, name), "utf8"));
      return cells.flatMap(({ cell_type, source }: { cell_type: string; source: string | string[] }) =>
        cell_type === "code" ? importedBy([source].flat().join("")) : [],
      );
    } catch {
      return []; // it is being written
    }
  });
}
