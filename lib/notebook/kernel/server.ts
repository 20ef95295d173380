// Jupyter's messages. tslab's server loses output under load, reports errors as plain text and omits execution counts;
// this subclass sends synchronously, merges rapid writes, and follows the protocol as ipykernel does.
import type { Executor } from "tslab/dist/executor";
import { JupyterHandlerImpl, ZmqServer } from "tslab/dist/jupyter";
import { describeError, describeWarnings } from "./errors";

/** Writes to one stream within so many milliseconds are merged: Jupyter drops messages beyond 1,000 a second. */
const mergeWithin = 40;
/** Characters after which a merged write is sent at once. */
const mergeUpTo = 65_536;

interface Message {
  header: { msg_type: string };
  content: Record<string, unknown>;
  createReply(): Message;
  signAndSend(key: string, socket: unknown): void;
}

interface ExecuteRequest {
  code: string;
  onStart(count: number): void;
  onEnd(printed: unknown[][]): void;
}

/** The parts of tslab's handler that its type declarations keep private. */
interface HandlerParts {
  execCount: number;
  handleExecuteImpl(request: ExecuteRequest, ...output: unknown[]): Promise<unknown>;
}

/** The parts of tslab's server that its type declarations keep private. */
interface ServerParts {
  connInfo: { key: string };
  handler: {
    handleExecute(
      content: unknown,
      stream: (name: string, text: string) => void,
      display: (data: object, update: boolean) => void,
    ): Promise<Record<string, unknown>>;
  };
  publishStatus(status: string, parent: Message): void;
  close(): void;
  bindSocket(socket: unknown, port: number): Promise<void>;
}

/**
 * @param executor runs the cells
 * @param connectionFile Jupyter's JSON file with ports and key
 * @param errors the executor adds here what it would have printed of a failed cell; emptied after each cell
 * @param root the project's folder
 */
export function createServer(
  executor: Executor,
  connectionFile: string,
  errors: unknown[][],
  root: string,
): { init(): void } {
  const HandlerBase = JupyterHandlerImpl as unknown as new (executor: Executor, isJs: boolean) => HandlerParts;
  class Handler extends HandlerBase {
    // Publishes the cell's number when it starts, from which nbclient and papermill take [n]. Collects the cell's errors
    // before the next cell starts: Run All sends all cells at once.
    override async handleExecuteImpl(request: ExecuteRequest, ...output: unknown[]): Promise<unknown> {
      request.onStart(this.execCount + 1);
      try {
        return await super.handleExecuteImpl(request, ...output);
      } finally {
        request.onEnd(errors.splice(0));
      }
    }
  }

  const Base = ZmqServer as unknown as new (handler: Handler, connectionFile: string) => ServerParts & { init(): void };
  class Server extends Base {
    private socket: unknown;
    private bound = Promise.resolve();
    private readonly running = new Set<Message>();

    // After 512 sends zeromq.js sends asynchronously, and another send in the same turn of the event loop throws: timeout
    // 0 and no limit keep every send synchronous.
    set iopub(socket: { sendTimeout: number; sendHighWaterMark: number }) {
      socket.sendTimeout = 0;
      socket.sendHighWaterMark = 0;
      this.socket = socket;
    }
    get iopub(): { sendTimeout: number; sendHighWaterMark: number } {
      return this.socket as { sendTimeout: number; sendHighWaterMark: number };
    }

    // One socket after the other, iopub first: a client that gets a reply on shell must not have missed the status before.
    override bindSocket(socket: unknown, port: number): Promise<void> {
      this.bound = this.bound.then(() => super.bindSocket(socket, port));
      return this.bound;
    }

    // A completion request may be answered while a cell runs: the kernel stays "busy" for as long as any cell does.
    override publishStatus(status: string, message: Message): void {
      super.publishStatus(status, message);
      if (status === "busy" && message.header.msg_type === "execute_request") this.running.add(message);
      if (status !== "idle") return;
      this.running.delete(message);
      const [next] = this.running;
      if (next) super.publishStatus("busy", next);
    }

    // After a shutdown_request: a timer or a training that a cell has started would keep the process alive.
    override close(): void {
      super.close();
      setTimeout(() => process.exit(), 100).unref(); // time to send the reply
    }

    publish(parent: Message, type: string, content: Record<string, unknown>, socket: unknown = this.iopub): void {
      const reply = parent.createReply();
      reply.header.msg_type = type;
      reply.content = content;
      reply.signAndSend(this.connInfo.key, socket);
    }

    handleCommInfoRequest(socket: unknown, message: Message): void {
      this.publish(message, "comm_info_reply", { status: "ok", comms: {} }, socket);
    }

    async handleExecute(socket: unknown, message: Message): Promise<void> {
      const output = mergeWrites((name, text) => this.publish(message, "stream", { name, text }));
      const publish = (type: string, content: Record<string, unknown>) => {
        output.flush();
        this.publish(message, type, content);
      };
      message.content.onStart = (count: number) =>
        publish("execute_input", { code: message.content.code, execution_count: count });
      let printed: unknown[][] = [];
      message.content.onEnd = (errors: unknown[][]) => {
        printed = errors;
      };
      const reply = await this.handler.handleExecute(message.content, output.write, (data, update) =>
        publish(update ? "update_display_data" : "display_data", data as Record<string, unknown>),
      );
      output.flush();
      if (reply.status === "abort") reply.status = "aborted";
      if (reply.status === "error") {
        const content = { ...describeError(printed, message.content.code as string, root) };
        Object.assign(reply, content);
        publish("error", content);
      } else for (const text of describeWarnings(printed)) publish("stream", { name: "stderr", text });
      this.publish(message, "execute_reply", reply, socket);
    }
  }
  return new Server(new Handler(executor, false), connectionFile);
}

/** Merges what is written to one stream within a short time into one message. */
function mergeWrites(send: (name: string, text: string) => void): {
  write(name: string, text: string): void;
  flush(): void;
} {
  let name = "";
  let text = "";
  let sentAt = 0;
  let timer: NodeJS.Timeout | undefined;
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    if (text === "") return;
    send(name, text);
    text = "";
    sentAt = Date.now();
  };
  const write = (to: string, more: string) => {
    if (to !== name) flush();
    name = to;
    text += more;
    if (Date.now() - sentAt > mergeWithin || text.length > mergeUpTo) flush();
    else timer ??= setTimeout(flush, mergeWithin);
  };
  return { write, flush };
}
