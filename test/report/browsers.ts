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

/** A proxy that nobody is: no request gets anywhere, to this machine neither. */
const [proxy, port] = ["127.0.0.1", 9];
const offline = {
  "network.proxy.type": 1,
  "network.proxy.http": proxy,
  "network.proxy.http_port": port,
  "network.proxy.ssl": proxy,
  "network.proxy.ssl_port": port,
  "network.proxy.no_proxies_on": "",
  "network.proxy.allow_hijacking_localhost": true,
};

/** With the network off. */
export const browsers = {
  chromium: {
    executable: findChromium(),
    start: { args: [...browserFlags, `--proxy-server=${proxy}:${port}`, "--proxy-bypass-list=<-loopback>"] },
  },
  firefox: {
    executable: firefoxes.find((path) => path && fs.existsSync(path)),
    start: { browser: "firefox" as const, extraPrefsFirefox: offline },
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

/** @param width of the window, in CSS pixels */
export async function open(browser: Browser, file: string, width = 1200): Promise<Opened> {
  const page = await browser.newPage();
  const errors: string[] = [];
  const requests: string[] = [];
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("request", (request) => !/^(file|data|blob):/.test(request.url()) && requests.push(request.url()));
  await page.setViewport({ width, height: 900 });
  await page.goto(`file://${encodeURI(file)}`);
  return { page, errors, requests };
}
