// The language server that jupyterlab-lsp starts: JSON-RPC on standard input and output. It reports the errors of the
// notebooks that are open in JupyterLab, and nothing else: completion and help come from the kernel.
import { fileURLToPath } from "node:url";
import { notebookChecker } from "./checker";

interface Message {
  id?: number | string;
  method?: string;
  params?: {
    rootUri?: string;
    textDocument?: { uri: string; text?: string };
    contentChanges?: { text: string }[];
  };
}

/** Milliseconds without a keystroke before the cells are checked. */
const pause = 250;

function send(message: object): void {
  const body = Buffer.from(JSON.stringify({ jsonrpc: "2.0", ...message }));
  process.stdout.write(`Content-Length: ${body.length}\r\n\r\n`);
  process.stdout.write(body);
}

let checker = notebookChecker(process.cwd());
const waiting = new Map<string, NodeJS.Timeout>();

function check(uri: string): void {
  clearTimeout(waiting.get(uri));
  const work = () =>
    send({
      method: "textDocument/publishDiagnostics",
      params: { uri, diagnostics: checker.errors(fileURLToPath(uri)) },
    });
  waiting.set(uri, setTimeout(work, pause));
}

function receive({ id, method, params = {} }: Message): void {
  const { uri = "", text = "" } = params.textDocument ?? {};
  switch (method) {
    case "initialize":
      if (params.rootUri) checker = notebookChecker(fileURLToPath(params.rootUri));
      send({ id, result: { capabilities: { textDocumentSync: { openClose: true, change: 1 } } } });
      break;
    case "textDocument/didOpen":
      checker.open(fileURLToPath(uri), text);
      check(uri);
      break;
    case "textDocument/didChange":
      checker.open(fileURLToPath(uri), params.contentChanges?.at(-1)?.text ?? "");
      check(uri);
      break;
    case "textDocument/didClose":
      clearTimeout(waiting.get(uri));
      checker.close(fileURLToPath(uri));
      break;
    case "exit":
      process.exit(0);
      break;
    default:
      if (id !== undefined && method !== undefined)
        send(method === "shutdown" ? { id, result: null } : { id, error: { code: -32601, message: `no ${method}` } });
  }
}

let received = Buffer.alloc(0);
process.stdin.on("data", (chunk: Buffer) => {
  received = Buffer.concat([received, chunk]);
  for (;;) {
    const head = received.indexOf("\r\n\r\n");
    const length = Number(/Content-Length: (\d+)/i.exec(received.toString("latin1", 0, Math.max(head, 0)))?.[1]);
    if (head < 0 || received.length < head + 4 + length) return;
    const body = received.toString("utf8", head + 4, head + 4 + length);
    received = received.subarray(head + 4 + length);
    receive(JSON.parse(body));
  }
});
process.stdin.on("end", () => process.exit(0));
