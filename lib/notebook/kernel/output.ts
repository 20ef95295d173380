// What a cell prints and shows. Rapid writes are merged: Jupyter drops messages beyond 1,000 a second.
import jupyter = require("tslab/dist/jupyter");

/** Writes to one stream within so many milliseconds are merged. */
const mergeWithin = 40;
/** Characters after which a merged write is sent at once. */
const mergeUpTo = 65_536;

/** The output area below a cell. */
export interface Output {
  write(stream: "stdout" | "stderr", text: string): void;
  /** Sends a message of another kind, after what was written before. */
  publish(type: string, content: object): void;
  flush(): void;
}

export const noOutput: Output = { write() {}, publish() {}, flush() {} };

let current = noOutput;

/**
 * From now on, what is written to stdout and stderr, and what is shown, goes to `output`: also when its cell has ended, and
 * its timers go on.
 * @returns where it went before
 */
export function sendOutputTo(output: Output): Output {
  const before = current;
  current = output;
  for (const stream of ["stdout", "stderr"] as const) {
    const decoder = new TextDecoder();
    process[stream].write = (chunk: string | Uint8Array, ...rest: unknown[]) => {
      output.write(stream, typeof chunk === "string" ? chunk : decoder.decode(chunk, { stream: true }));
      const written = rest.at(-1);
      if (typeof written === "function") written();
      return true;
    };
  }
  (jupyter as { lastWriteDisplayData: unknown }).lastWriteDisplayData = (content: object, update: boolean) =>
    output.publish(update ? "update_display_data" : "display_data", content);
  return before;
}

/** @param send sends a message that belongs to the cell */
export function outputOfCell(send: (type: string, content: object) => void): Output {
  let name = "";
  let text = "";
  let sentAt = 0;
  let timer: NodeJS.Timeout | undefined;
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    if (text === "") return;
    send("stream", { name, text });
    text = "";
    sentAt = Date.now();
  };
  return {
    flush,
    write(stream, more) {
      if (stream !== name) flush();
      name = stream;
      text += more;
      if (Date.now() - sentAt > mergeWithin || text.length > mergeUpTo) flush();
      else timer ??= setTimeout(flush, mergeWithin);
    },
    publish(type, content) {
      flush();
      send(type, content);
    },
  };
}
