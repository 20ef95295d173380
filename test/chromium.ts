// Opens a page in a real, headless browser with the network off.
import fs from "node:fs";
import { chromium } from "playwright-core";

const candidates = [
  process.env.CHROMIUM,
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

export const findChromium = (): string | undefined => candidates.find((path) => path && fs.existsSync(path));

export const browserFlags = [
  ...["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
  ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
];

/**
 * @param file an HTML file
 * @param screenshot where to keep a picture of the whole page
 */
export async function openOffline(
  file: string,
  screenshot?: string,
): Promise<{ plots: number; requests: string[]; errors: string[] }> {
  const browser = await chromium.launch({ executablePath: findChromium(), args: browserFlags });
  try {
    const context = await browser.newContext({ offline: true, viewport: { width: 1200, height: 900 } });
    const page = await context.newPage();
    const requests: string[] = [];
    const errors: string[] = [];
    page.on("request", (request) => {
      if (!/^(file|data|blob):/.test(request.url())) requests.push(request.url());
    });
    page.on("console", (message) => {
      if (message.type() === "error") errors.push(message.text());
    });
    page.on("pageerror", (error) => errors.push(String(error)));
    await page.goto(`file://${encodeURI(file)}`);
    const plots = page.locator(".js-plotly-plot .main-svg");
    await plots.first().waitFor();
    await page.waitForFunction("!document.querySelector('figure.figure:not(.drawn)')");
    if (screenshot) await page.screenshot({ path: screenshot, fullPage: true });
    return { plots: await page.locator(".js-plotly-plot").count(), requests, errors };
  } finally {
    await browser.close();
  }
}
