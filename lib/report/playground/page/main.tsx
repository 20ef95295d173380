// The playground's entrance, for reports and for JupyterLab: fills an element of a page.
import { render } from "preact";
import { type Images, sliceImages } from "../../../data/images";
import type { Playground as Data } from "../data";
import { unpack } from "../packing";
import { Denoiser } from "./denoiser";
import { Playground } from "./playground";
import css from "./playground.css";

export interface Started {
  /** Resolves when the first result is shown. */
  readonly ready: Promise<void>;
  readonly denoiser: Denoiser;
  /** Stops the worker and empties the element. */
  end(): void;
}

/** In a shadow tree: neither the page's style sheet nor ours reaches into the other. */
export function startPlayground(element: HTMLElement, data: Data): Started {
  const shadow = element.shadowRoot ?? element.attachShadow({ mode: "open" });
  const style = document.createElement("style");
  style.textContent = css;
  const root = document.createElement("div");
  root.className = "container";
  shadow.replaceChildren(style, root);
  element.dataset.lmSuppressShortcuts = "true"; // JupyterLab's: keys are the playground's here
  const denoiser = new Denoiser(data.models);
  let ended = false;
  const ready = imagesOf(data).then(
    (images) =>
      new Promise<void>((resolve) => {
        const parts = { data, images, denoiser };
        if (!ended) render(<Playground {...parts} onReady={resolve} />, root);
      }),
  );
  return {
    ready,
    denoiser,
    end() {
      ended = true;
      denoiser.end();
      render(null, root);
    },
  };
}

async function imagesOf({ images: { shape, pixels } }: Data): Promise<Images[]> {
  const all = { data: Float32Array.from(await unpack(pixels), (value) => value / 255), shape };
  return Array.from({ length: shape[0] }, (_, i) => sliceImages(all, i, i + 1));
}

Object.assign(globalThis, { startPlayground });
