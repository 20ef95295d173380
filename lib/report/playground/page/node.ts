// What lib/ uses of Node's modules, for browsers: bundling puts this module in the place of node:crypto and node:os.
import { sha256 } from "@noble/hashes/sha2";

/** Only SHA-256, of text, as lib/random.ts reads it. */
export const createHash = (_algorithm: "sha256") => ({
  update: (text: string) => ({
    digest() {
      const bytes = new DataView(sha256(text).buffer);
      return { readInt32LE: (at: number) => bytes.getInt32(at, true) };
    },
  }),
});

/** TensorFlow.js has one thread in a page from a file. */
export const availableParallelism = () => 1;
