// A JupyterLab of our own on loopback, as `npm run lab` starts it.
import { spawn } from "node:child_process";
import path from "node:path";

const root = path.resolve(__dirname, "..");
const token = "secret";

export interface JupyterLab {
  /** "http://127.0.0.1:8888" */
  readonly address: string;
  readonly token: string;
  stop(): Promise<void>;
}

export async function startJupyterLab(): Promise<JupyterLab> {
  const args = ["--no-browser", "--allow-root", "--ip=127.0.0.1", "--port=0", `--IdentityProvider.token=${token}`];
  const server = spawn(process.execPath, [path.join(root, "commands", "lab.mjs"), ...args]);
  const closed = new Promise<void>((resolve) => server.on("close", () => resolve()));
  const address = await new Promise<string>((resolve, reject) => {
    let log = "";
    const read = (chunk: Buffer) => {
      log += chunk;
      const found = /http:\/\/127\.0\.0\.1:\d+/.exec(log);
      if (found) resolve(found[0]);
    };
    server.stdout.on("data", read);
    server.stderr.on("data", read);
    server.on("close", () => reject(new Error(log)));
    setTimeout(() => reject(new Error(`JupyterLab did not start:\n${log}`)), 60_000).unref();
  });
  return {
    address,
    token,
    stop() {
      server.kill("SIGTERM");
      return closed;
    },
  };
}
