// Runs image-denoiser in this process.
import { Readable, Writable } from "node:stream";

export async function denoiser(
  args: string[],
  { stdin = Buffer.alloc(0), signal }: { stdin?: Buffer; signal?: AbortSignal } = {},
) {
  const { run } = await import("../../commands/denoiser/program.mjs");
  const [out, err] = [collected(), collected()];
  const code = await run(args, { stdin: Readable.from([stdin]), stdout: out.stream, stderr: err.stream }, signal);
  return { code, stdout: out.bytes(), stderr: err.bytes().toString() };
}

function collected() {
  const chunks: Buffer[] = [];
  const stream = new Writable({
    write(chunk, _, done) {
      chunks.push(Buffer.from(chunk));
      done();
    },
  });
  return { stream, bytes: () => Buffer.concat(chunks) };
}
