#!/usr/bin/env node
// npx image-denoiser, or npm run denoiser -- : cleans pictures from the command line.
import process from "node:process";

const program = await import("./denoiser/program.mjs").catch((error) => {
  if (error.code !== "ERR_MODULE_NOT_FOUND") throw error;
  console.error("Packages are missing: run `npm run setup` in the project's folder.");
  process.exitCode = 1;
  return undefined;
});

if (program) {
  const stopping = new AbortController();
  for (const name of /** @type {const} */ (["SIGINT", "SIGTERM"]))
    process.once(name, () => {
      stopping.abort();
      process.once(name, () => process.exit(130)); // asked twice: at once; temporary files are still removed
    });
  process.stdout.on("error", (error) => {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== "EPIPE") throw error;
    process.exit(1); // nobody reads any more
  });
  process.exitCode = await program.run(process.argv.slice(2), process, stopping.signal);
}
