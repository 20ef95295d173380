// Links between the documents lead to files and headings that exist.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { documents, root } from "./examples";

const withoutCode = (markdown: string) => markdown.replace(/^```[\s\S]*?^```/gm, "");

/** As GitHub makes them: lower case, without punctuation, spaces as hyphens. */
const anchorsOf = (markdown: string): string[] =>
  [...withoutCode(markdown).matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );

for (const document of documents())
  test(`links in ${document}`, () => {
    const file = path.join(root, document);
    const markdown = fs.readFileSync(file, "utf8");
    const broken = [...withoutCode(markdown).matchAll(/\]\(([^)]+)\)/g)]
      .map(([, target]) => target)
      .filter((target) => {
        if (/^https?:/.test(target)) return false;
        const [place, anchor] = target.split("#");
        const wanted = place === "" ? file : path.join(path.dirname(file), place);
        if (!fs.existsSync(wanted)) return true;
        return anchor !== undefined && !anchorsOf(fs.readFileSync(wanted, "utf8")).includes(anchor);
      });
    assert.deepEqual(broken, []);
  });
