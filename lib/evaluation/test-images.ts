// The noisy test images on which something was measured: a table compares only scores on the same ones.
import { createHash } from "node:crypto";
import type { Images } from "../data/images";
import type { Scores } from "../metrics/scores";

/**
 * SHA-256 of the test images, clean and noisy: equal where scores are comparable.
 * @param test both of shape [n, height, width, channels]
 */
export function digestOf({ clean, noisy }: { readonly clean: Images; readonly noisy: Images }): string {
  const hash = createHash("sha256");
  for (const { data, shape } of [clean, noisy])
    hash.update(`${shape.join("x")} `).update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  return hash.digest("hex");
}

/** What results say of the test images. */
interface Scored {
  readonly data: { readonly test: number };
  readonly test: { readonly digest?: string; readonly noisy: Scores };
}

/**
 * Whether two runs were scored on the same noisy images. Older results files do not have a digest: what tells there is the
 * PSNR of the noisy images, which differs with the digits, sigma, the seed and how the noise was drawn.
 */
export function sameTestImages(a: Scored, b: Scored): boolean {
  if (a.test.digest && b.test.digest) return a.test.digest === b.test.digest;
  const [own, other] = [a.test.noisy.psnr.mean, b.test.noisy.psnr.mean];
  return a.data.test === b.data.test && (own === other || Math.abs(own - other) < 1e-9);
}

/** Groups of what was scored on the same noisy images, in the order in which the first of each comes. */
export function groupByTestImages<Item>(items: readonly Item[], resultsOf: (item: Item) => Scored): Item[][] {
  const groups: Item[][] = [];
  for (const item of items) {
    const group = groups.find(([first]) => sameTestImages(resultsOf(first), resultsOf(item)));
    if (group) group.push(item);
    else groups.push([item]);
  }
  return groups;
}
