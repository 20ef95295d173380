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
    if (!fs.existsSync(file) || fs.statSync(file).size === position) return;
    const added = fs.readFileSync(file).subarray(position);
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
