// Bundles the playground's page with its worker, TensorFlow.js and the WebAssembly module into one script, which works from
// a file.
import path from "node:path";
import { root } from "./layout.mjs";

const page = path.join(root, "lib", "report", "playground", "page");
const inPage = (/** @type {string} */ name) => path.join(page, name);

/**
 * @returns {Promise<{ code: string, inputs: string[] }>} the script, which defines `startPlayground`, and the files it was
 *   made of
 */
export async function bundlePlayground() {
  const { build } = await import("esbuild");
  const target = ["chrome123", "firefox120", "safari17.5"];
  const shared = /** @type {const} @satisfies {import("esbuild").BuildOptions} */ ({
    absWorkingDir: root,
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: "iife",
    define: { global: "globalThis", "process.env.NODE_ENV": '"production"' },
    legalComments: "eof", // once for all files of a package
    logLevel: "silent",
  });
  const worker = await build({
    ...shared,
    target,
    entryPoints: [inPage("worker.ts")],
    loader: { ".wasm": "dataurl" },
    alias: {
      "node:crypto": inPage("node.ts"),
      "node:os": inPage("node.ts"),
      "@tensorflow/tfjs": inPage("tensorflow.ts"),
    },
    plugins: [
      {
        name: "engine",
        setup: ({ onResolve }) =>
          onResolve({ filter: /^\.\.\/engine$/ }, ({ importer }) =>
            importer.includes("node_modules") ? undefined : { path: inPage("engine.ts") },
          ),
      },
    ],
  });
  const { outputFiles, metafile } = await build({
    ...shared,
    target,
    entryPoints: [inPage("main.tsx")],
    loader: { ".css": "text" },
    jsx: "automatic",
    jsxImportSource: "preact",
    alias: { "node:crypto": inPage("node.ts") },
    plugins: [
      {
        name: "worker",
        setup({ onResolve, onLoad }) {
          onResolve({ filter: /^worker-source$/ }, () => ({ path: "worker-source", namespace: "worker" }));
          onLoad({ filter: /.*/, namespace: "worker" }, () => ({
            contents: worker.outputFiles[0].text,
            loader: "text",
          }));
        },
      },
    ],
  });
  const inputs = [...Object.keys(worker.metafile.inputs), ...Object.keys(metafile.inputs)];
  return { code: outputFiles[0].text, inputs: [...new Set(inputs)].filter((file) => !file.startsWith("worker:")) };
}
