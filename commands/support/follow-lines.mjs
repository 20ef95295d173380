// Hears of the lines that another program appends to a file, soon after each is whole.
import fs from "node:fs";

const interval = 100; // milliseconds

/**
 * @param {string} file need not exist yet
 * @param {(line: string) => void} onLine
 * @returns {{ end(): void }} reads what is left and stops
 */
export function followLines(file, onLine) {
  let position = 0;
  const read = () => {
    if (!fs.existsSync(file)) return;
    const added = readFrom(file, position);
    const whole = added.lastIndexOf("\n") + 1;
    position += whole;
    for (const line of added.subarray(0, whole).toString().split("\n").slice(0, -1)) onLine(line);
  };
  const timer = setInterval(read, interval);
  return {
    end() {
      clearInterval(timer);
      read();
    },
  };
}

/** @param {string} file @param {number} position */
function readFrom(file, position) {
  const opened = fs.openSync(file, "r");
  try {
    const content = Buffer.alloc(Math.max(0, fs.fstatSync(opened).size - position));
    return content.subarray(0, fs.readSync(opened, content, 0, content.length, position));
  } finally {
    fs.closeSync(opened);
  }
}
