// The compiler's thread: answers requests one after the other, and while there is none, reads and checks what cells will
// probably import, so that the first one need not wait for it.
import fs from "node:fs";
import path from "node:path";
import { parentPort } from "node:worker_threads";
import { createCells } from "./cells";
import { type Requests, type Response, unasked } from "./compiler";
import { complete, inspect, isComplete } from "./help";
import { importedBy } from "./project";

interface Request {
  readonly id: number;
  readonly name: keyof Requests;
  readonly args: never;
}

/** @param given the project's folder, and the notebook's */
export function serve({ root, folder }: { root: string; folder: string }): void {
  const port = parentPort as NonNullable<typeof parentPort>;
  const cells = createCells(root, folder);
  const { service } = cells.project;
  const requests: Requests = {
    compile: cells.compile,
    inspect: (scope, source, position) => inspect(service, cells.open(scope, source), position),
    complete: (scope, source, position) => complete(service, cells.open(scope, source), position),
    isComplete,
  };

  const expected = importsOfNotebooks(folder);
  port.postMessage({ id: unasked, answer: cells.withoutErrors(expected) } satisfies Response);
  const prepare = () => {
    if (cells.prepare()) setImmediate(prepare);
    else requests.compile(new Map(), rehearsal(expected));
  };
  port.on("message", ({ id, name, args }: Request) => {
    let response: Response;
    try {
      response = { id, answer: (requests[name] as (...given: unknown[]) => unknown)(...(args as unknown[])) };
    } catch (error) {
      response = { id, error: error as Error };
    }
    port.postMessage(response);
  });
  setImmediate(() => {
    cells.expect(expected);
    prepare();
  });
}

/** A cell like a notebook's first, compiled for nobody: the second time, it takes a third of the time. */
const rehearsal = (specifiers: readonly string[]) =>
  [...new Set(specifiers)].map((name, i) => `import * as m${i} from ${JSON.stringify(name)};\n`).join("");

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
