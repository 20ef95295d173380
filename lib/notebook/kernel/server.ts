// Jupyter's messages. tslab's server loses output under load, reports errors as plain text, and knows only some of the
// messages; this subclass sends synchronously, and follows the protocol as ipykernel does.
import * as jupyter from "tslab/dist/jupyter";
import { actionOf } from "./at-once";
import { type CellError, describeError } from "./errors";
import type { Executor } from "./executor";
import { createHistory } from "./history";
import { type Code, complete, inspect, isComplete } from "./introspection";
import { noOutput, type Output, outputOfCell, sendOutputTo } from "./output";
import { type Display, resultOf } from "./result";
import { composeMessage, type Message, parseMessage } from "./wire";

/** The one of cells only throws (./kernel). */
const exit = process.exit.bind(process);

/** Milliseconds in which the requests that were sent before a cell failed are received, and so aborted. */
const abortWithin = 20;

/** A socket of zeromq.js. */
interface Socket {
  send(frames: unknown): void;
  sendTimeout: number;
  sendHighWaterMark: number;
}

type Reply = (type: string, content: object) => void;

interface ExecuteRequest {
  code: string;
  silent?: boolean;
  store_history?: boolean;
  stop_on_error?: boolean;
}

const requestIn = ({ content }: Message) => content as unknown as ExecuteRequest;

/** A cell that has begun. */
interface Execution {
  /** The cells that have begun, and the number of this one. */
  readonly count: number;
  readonly number: number;
  readonly output: Output;
  /** Where output went before. */
  readonly earlier: Output;
}

/** The parts of tslab's server that its type declarations keep private. */
interface ServerParts {
  connInfo: { key: string };
  close(): void;
  bindSocket(socket: unknown, port: number): Promise<void>;
  handleShellMessage(socket: Socket, ...frames: Buffer[]): Promise<void>;
  init(): void;
}

type HandlerParts = InstanceType<typeof jupyter.JupyterHandlerImpl>;

/**
 * @param executor runs the cells
 * @param display shows values of cells' last expressions
 * @param connectionFile Jupyter's JSON file with ports and key
 */
export function createServer(executor: Executor, display: Display, connectionFile: string): { init(): void } {
  const HandlerBase = jupyter.JupyterHandlerImpl as unknown as new (executor: Executor, isJs: boolean) => HandlerParts;
  const handler = new HandlerBase(executor, false);
  const Base = jupyter.ZmqServer as unknown as new (handler: HandlerParts, connectionFile: string) => ServerParts;
  class Server extends Base {
    private socket!: Socket;
    private bound = Promise.resolve();
    private readonly running = new Set<Message>();
    private readonly history = createHistory();
    /** Ends when all cells received so far have ended. */
    private queue = Promise.resolve();
    private received = 0;
    /** Requests up to this number are aborted: they were sent before an earlier cell failed. */
    private abortUpTo = 0;

    // After 512 sends zeromq.js sends asynchronously, and another send in the same turn of the event loop throws: timeout
    // 0 and no limit keep every send synchronous.
    set iopub(socket: Socket) {
      socket.sendTimeout = 0;
      socket.sendHighWaterMark = 0;
      this.socket = socket;
    }
    get iopub(): Socket {
      return this.socket;
    }

    // One socket after the other, iopub first: a client that gets a reply on shell must not have missed the status before.
    override bindSocket(socket: unknown, port: number): Promise<void> {
      this.bound = this.bound.then(() => super.bindSocket(socket, port));
      return this.bound;
    }

    // After a shutdown_request: a timer or a training that a cell has started would keep the process alive.
    override close(): void {
      super.close();
      setTimeout(() => exit(), 100).unref(); // time to send the reply
    }

    // tslab calls this with each message of the shell and control sockets, also while a cell awaits.
    override async handleShellMessage(socket: Socket, ...frames: Buffer[]): Promise<void> {
      const message = parseMessage(frames, this.connInfo.key);
      if (!message) return;
      this.publishStatus("busy", message);
      try {
        await this.answer(message, (type, content) => this.send(socket, message, type, content));
      } finally {
        this.publishStatus("idle", message);
      }
      if (message.header.msg_type === "shutdown_request") this.close();
    }

    private send(socket: Socket, parent: Message, type: string, content: object): void {
      socket.send(composeMessage(parent, type, content, this.connInfo.key));
    }

    // A completion request may be answered while a cell runs: the kernel stays "busy" for as long as any cell does.
    private publishStatus(status: "busy" | "idle", message: Message): void {
      this.send(this.iopub, message, "status", { execution_state: status });
      if (status === "busy" && message.header.msg_type === "execute_request") this.running.add(message);
      if (status !== "idle") return;
      this.running.delete(message);
      const [next] = this.running;
      if (next) this.send(this.iopub, next, "status", { execution_state: "busy" });
    }

    /** Messages of other types are ignored, as the protocol asks. */
    private answer(message: Message, reply: Reply): Promise<void> | void {
      const { content } = message;
      switch (message.header.msg_type) {
        case "execute_request":
          return this.enqueue(message, (result) => reply("execute_reply", result));
        case "kernel_info_request":
          return reply("kernel_info_reply", { status: "ok", ...handler.handleKernel() });
        case "is_complete_request":
          return this.tell(reply, "is_complete_reply", () => isComplete(executor, content as unknown as Code));
        case "inspect_request":
          return this.tell(reply, "inspect_reply", () => inspect(executor, content as unknown as Code));
        case "complete_request":
          return this.tell(reply, "complete_reply", () => complete(executor, content as unknown as Code));
        case "history_request":
          return reply("history_reply", { status: "ok", history: this.history.find(content) });
        case "comm_info_request":
          return reply("comm_info_reply", { status: "ok", comms: {} });
        case "comm_open": // there is nobody to talk to
          return this.send(this.iopub, message, "comm_close", { comm_id: content.comm_id, data: {} });
        case "debug_request":
          return reply("debug_reply", {
            type: "response",
            request_seq: content.seq,
            command: content.command,
            success: false,
            message: "this kernel has no debugger",
          });
        case "shutdown_request":
          return reply("shutdown_reply", { status: "ok", restart: content.restart === true });
      }
    }

    /** The compiler may fail at code that is only half written. */
    private async tell(reply: Reply, type: string, answer: () => Promise<object>): Promise<void> {
      try {
        reply(type, await answer());
      } catch (error) {
        const { name, message } = error as Error;
        reply(type, { status: "error", ename: name, evalue: message, traceback: [] });
      }
    }

    /** One cell after the other, but for calls that do not wait. */
    private enqueue(message: Message, reply: (content: object) => void): Promise<void> | void {
      const action = actionOf(requestIn(message).code);
      if (action) return reply(this.executeAtOnce(message, action));
      const number = ++this.received;
      this.queue = this.queue.then(async () => {
        if (number <= this.abortUpTo) reply({ status: "aborted" });
        else reply(await this.execute(message));
      });
      return this.queue;
    }

    /** @returns the content of the reply */
    private async execute(message: Message): Promise<object> {
      const { code, silent, stop_on_error: stop = true } = requestIn(message);
      const { count, number, output, earlier } = this.begin(message);
      const label = `cell [${count === number ? number : " "}]`;
      let failure: CellError | undefined;
      try {
        const { value } = await executor.execute({ source: code, id: message.metadata.cellId, label });
        const data = await resultOf(value, display);
        if (data) output.publish("execute_result", { execution_count: number, data, metadata: {} });
      } catch (error) {
        failure = describeError(error, code);
        output.publish("error", failure);
      }
      output.flush();
      if (silent) sendOutputTo(earlier); // timers of earlier cells may still print
      if (failure && stop) {
        await new Promise((resolve) => setTimeout(resolve, abortWithin));
        this.abortUpTo = this.received;
      }
      return replyOf(count, failure);
    }

    /** Runs the action, also while another cell is running, whose output then goes on. */
    private executeAtOnce(message: Message, action: () => void): object {
      const { count, output, earlier } = this.begin(message);
      let failure: CellError | undefined;
      try {
        action();
      } catch (error) {
        failure = describeError(error, requestIn(message).code);
        output.publish("error", failure);
      }
      output.flush();
      sendOutputTo(earlier);
      return replyOf(count, failure);
    }

    private begin(message: Message): Execution {
      const { code, silent, store_history: stored } = requestIn(message);
      const counted = !silent && stored !== false;
      const count = counted ? this.history.add(code) : this.history.count();
      const number = counted ? count : count + 1;
      const output = silent ? noOutput : outputOfCell((type, sent) => this.send(this.iopub, message, type, sent));
      const earlier = sendOutputTo(output);
      output.publish("execute_input", { code, execution_count: number });
      return { count, number, output, earlier };
    }
  }
  return new Server(handler, connectionFile);
}

/** The content of the reply to a cell that has ended. */
const replyOf = (count: number, failure: CellError | undefined): object => ({
  ...(failure ? { status: "error", ...failure } : { status: "ok", user_expressions: {} }),
  execution_count: count,
  payload: [],
});
