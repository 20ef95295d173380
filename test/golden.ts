// Reads the values that scikit-image and Keras computed (golden/make.py).
import fs from "node:fs";
import path from "node:path";

export function golden<Case>(name: string): Case[] {
  return JSON.parse(fs.readFileSync(path.join(__dirname, "golden", name), "utf8")).cases;
}

/** Float32 values as base64 of their little-endian bytes. */
export function floats(base64: string): Float32Array {
  const bytes = Buffer.from(base64, "base64");
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}

/** The numbers in [0, 1) that make.py's `wave` makes. */
export function wave(n: number, phase: number): Float32Array {
  return Float32Array.from({ length: n }, (_, i) => {
    const value = Math.sin(i * 12.9898 + phase) * 437.5453;
    return value - Math.floor(value);
  });
}
