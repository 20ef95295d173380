// The playground's entrance, for reports and for JupyterLab: fills an element of a page.
import { render } from "preact";
import type { Playground as Data } from "../data";
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
  shadow.replaceChildren(style, root);
  element.dataset.lmSuppressShortcuts = "true"; // JupyterLab's: keys are the playground's here
  const denoiser = new Denoiser(data.models);
  const ready = new Promise<void>((resolve) => {
    render(<Playground data={data} denoiser={denoiser} onReady={resolve} />, root);
  });
  return {
    ready,
    denoiser,
    end() {
      denoiser.end();
      render(null, root);
    },
  };
}

Object.assign(globalThis, { startPlayground });
