// "Save and Export Notebook As… HTML" in JupyterLab, whose box "Sanitize HTML output" is ticked when it opens.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { tableHtml } from "../../lib/evaluation/table";
import { startJupyterLab } from "../jupyterlab";

const root = path.resolve(__dirname, "../..");
const table = tableHtml({ columns: ["method", "PSNR, dB"], rows: [["mean 3x3", "15.39"]] });
const picture = '<img alt="Loss" src="data:image/svg+xml;base64,PHN2Zy8+">';
const bar = '<progress max="1" value="0.5"></progress> epoch 1<br>loss 0.1';

const prose = `# Noise removal

Text with *stress*, \`code\`, a [link](https://example.org), and $\\sigma^2$.

| noise | PSNR |
| :--- | ---: |
| 0.5 | 9.3 |

## Results

- one

![a picture](data:image/png;base64,iVBORw0KGgo=)

<details><summary>more</summary>hidden</details>

<script>bad()</script><img src="x" onerror="bad()"><a href="javascript:bad()">press</a><iframe src="https://example.org"></iframe>`;

const output = (html: string) => ({
  output_type: "display_data",
  metadata: {},
  data: { "text/html": html, "text/plain": "text" },
});
const bad = '<b onclick="bad()">bold</b><script>bad()</script><a href="data:text/html,bad">press</a>';
const notebook = {
  metadata: { kernelspec: { name: "image-denoiser", language: "typescript", display_name: "TypeScript" } },
  nbformat: 4,
  nbformat_minor: 5,
  cells: [
    { cell_type: "markdown", id: "prose", metadata: {}, source: prose },
    {
      cell_type: "code",
      id: "code",
      metadata: {},
      execution_count: 1,
      source: "const sigma = 0.5;",
      outputs: [table, picture, bar, bad].map(output),
    },
  ],
};

test("exported HTML, sanitized and not, has headings, tables with row names, pictures; sanitized, no scripts", async () => {
  const artefacts = path.join(root, "test", "artefacts");
  fs.mkdirSync(artefacts, { recursive: true });
  const folder = fs.mkdtempSync(path.join(artefacts, "export-"));
  const file = path.join(folder, "export.ipynb");
  fs.writeFileSync(file, JSON.stringify(notebook));
  const lab = await startJupyterLab();
  try {
    const url = `${lab.address}/nbconvert/html/${encodeURI(path.relative(root, file))}?token=${lab.token}`;
    const [plain, sanitized] = await Promise.all([url, `${url}&sanitize_html=true`].map(exported));
    for (const html of [plain, sanitized]) {
      assert.match(html, /<nav aria-label="Contents">[\s\S]*<li><a href="#Results">Results<\/a><\/li>/);
      const expected = [
        /<h1 id="Noise-removal">Noise removal<a [^>]*href="#Noise-removal"/,
        /<em>stress<\/em>, <code>code<\/code>, a <a href="https:\/\/example.org">link<\/a>, and <math [^>]*>.*<msup><mi>σ<\/mi><mn>2<\/mn><\/msup>.*<\/math>/,
        /<thead>\s*<tr>\s*<th style="text-align: ?left;?">noise<\/th>\s*<th style="text-align: ?right;?">PSNR/,
        /<img alt="a picture" src="data:image\/png;base64,iVBORw0KGgo="/,
        /<details><summary>more<\/summary>/,
        /<th scope="col" style="text-align: left; white-space: nowrap;?">method<\/th>/,
        /<th scope="row" style="text-align: left; white-space: nowrap;?">mean 3x3<\/th>/,
        /<td style="text-align: right; white-space: nowrap;?">15.39<\/td>/,
        /<img alt="Loss" src="data:image\/svg\+xml;base64,PHN2Zy8\+"\/?>/,
        /<progress max="1" value="0.5"><\/progress> epoch 1<br ?\/?>loss 0.1/,
      ];
      assert.deepEqual(
        expected.filter((pattern) => !pattern.test(html)),
        [],
      );
    }
    const [plainBody, body] = [plain, sanitized].map((html) => html.slice(html.indexOf("<body")));
    assert.match(plainBody, /<script>bad/);
    assert.doesNotMatch(body, /<script>bad|<[^>]* on(error|click)=|href="(javascript|data):|<iframe/);
    assert.match(body, /<b>bold<\/b>/);
  } finally {
    await lab.stop();
    fs.rmSync(folder, { recursive: true });
  }
});

async function exported(address: string): Promise<string> {
  const answer = await fetch(address);
  assert.equal(answer.status, 200);
  return answer.text();
}
