// Chromium and Firefox, driven alike: both by puppeteer.
import fs from "node:fs";
import { type Browser, launch, type Page } from "puppeteer-core";
import { browserFlags, findChromium } from "../chromium";

const firefoxes = [
  process.env.FIREFOX,
  "/usr/bin/firefox-esr",
  "/usr/bin/firefox",
  "/Applications/Firefox.app/Contents/MacOS/firefox",
];

export const browsers = {
  chromium: { executable: findChromium(), start: { args: browserFlags } },
  firefox: {
    executable: firefoxes.find((path) => path && fs.existsSync(path)),
    start: { browser: "firefox" as const },
  },
};

export const startBrowser = (name: keyof typeof browsers): Promise<Browser> =>
  launch({ ...browsers[name].start, executablePath: browsers[name].executable, headless: true });

export interface Opened {
  readonly page: Page;
  /** What the page has written to the console as an error, and what it has thrown. */
  readonly errors: string[];
  /** What it has asked for, beside itself. */
  readonly requests: string[];
}

export async function open(browser: Browser, file: string): Promise<Opened> {
  const page = await browser.newPage();
  const errors: string[] = [];
  const requests: string[] = [];
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("request", (request) => !/^(file|data|blob):/.test(request.url()) && requests.push(request.url()));
  await page.setViewport({ width: 1200, height: 900 });
  await page.goto(`file://${encodeURI(file)}`);
  return { page, errors, requests };
}
