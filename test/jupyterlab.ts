// A JupyterLab of our own on loopback, as `npm run lab` starts it, and notebooks opened in it.
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import type { Browser, Page } from "playwright-core";

const root = path.resolve(__dirname, "..");

export interface JupyterLab {
  /** "http://127.0.0.1:8888" */
  readonly address: string;
  readonly token: string;
  stop(): Promise<void>;
}

export async function startJupyterLab(): Promise<JupyterLab> {
  const token = randomUUID(); // whoever knows it runs code here
  const args = ["--no-browser", "--port=0"];
  const server = spawn(process.execPath, [path.join(root, "commands", "lab.mjs"), ...args], {
    env: { ...process.env, JUPYTER_TOKEN: token }, // not an argument: those are shown to everybody on the machine
  });
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
  await answers(`${address}/api`);
  return {
    address,
    token,
    stop() {
      server.kill("SIGTERM");
      return closed;
    },
  };
}

/** Waits until a server answers: it may say its address before it listens. */
async function answers(address: string): Promise<void> {
  for (const began = Date.now(); ; ) {
    try {
      await (await fetch(address)).text();
      return;
    } catch (error) {
      if (Date.now() - began > 60_000) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

/** Writes a notebook whose cells hold these sources. */
export function writeNotebook(file: string, sources: readonly string[]): void {
  const cells = sources.map((source, i) => ({
    cell_type: "code",
    id: `cell${i + 1}`,
    metadata: {},
    execution_count: null,
    outputs: [],
    source,
  }));
  const kernelspec = { name: "image-denoiser", display_name: "TypeScript (Image Denoiser)", language: "typescript" };
  fs.writeFileSync(file, JSON.stringify({ cells, metadata: { kernelspec }, nbformat: 4, nbformat_minor: 5 }));
}

let workspaces = 0;

/** Opens a notebook below the project's folder in a page of its own, and waits for its kernel. */
export async function openNotebook(browser: Browser, lab: JupyterLab, file: string): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1200, height: 1000 } });
  page.setDefaultTimeout(120_000); // a busy machine is slow, not wrong
  const at = encodeURI(path.relative(root, file).split(path.sep).join("/"));
  await page.goto(`${lab.address}/lab/workspaces/test${workspaces++}/tree/${at}?token=${lab.token}&reset`);
  await page.locator(".jp-Notebook .jp-Cell").first().waitFor();
  await idle(page);
  return page;
}

export const idle = (page: Page) =>
  page.locator("#jp-main-statusbar", { hasText: "(Image Denoiser) | Idle" }).waitFor();

/** Clicks through a menu, each title in the one before. */
export async function choose(page: Page, menu: string, ...titles: string[]): Promise<void> {
  await page.locator(".lm-MenuBar-itemLabel", { hasText: new RegExp(`^${menu}$`) }).click();
  for (const title of titles) {
    const item = page.locator(".lm-Menu-item", { has: page.getByText(title, { exact: true }) });
    await item.click();
  }
}
