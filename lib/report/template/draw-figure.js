// Draws Plotly figures in a page: in the report, in a sweep's page, and in JupyterLab. A figure is as wide as its element
// and has the page's text colour, also after the window or the theme has changed; long titles are broken into lines; it
// fits on a printed page.
{
  /** What an A4 or letter page shows between its margins, in CSS pixels. */
  const printedWidth = 640;
  const titleLine = 20;

  /** A title in lines that fit into so many pixels, and the space above the plot that they need. */
  const titleFor = ({ title, margin }, width) => {
    const most = Math.max(10, Math.floor((width - 24) / 8));
    const lines = [""];
    for (const word of (title?.text ?? "").split(" ")) {
      if (lines.at(-1) && lines.at(-1).length + word.length >= most) lines.push("");
      lines.push(`${lines.pop()} ${word}`.trim());
    }
    return { "title.text": lines.join("<br>"), "margin.t": (margin?.t ?? 50) + titleLine * (lines.length - 1) };
  };

  /** The space below the plot that the axis with its title, and the legend below them, need. */
  const bottomFor = (element) => {
    const legend = element.querySelector(".legend .bg")?.getBBox().height ?? 0;
    return { "margin.b": 54 + Math.ceil(legend) };
  };

  const visible = (element) =>
    new Promise((resolve) => {
      const size = new ResizeObserver(() => {
        if (element.offsetWidth === 0) return;
        size.disconnect();
        resolve();
      });
      size.observe(element);
    });

  /**
   * @param {HTMLElement} element
   * @param {{ data: object[], layout: object, config?: object }} figure is left as it is
   * @returns {{ drawn: Promise<void>, end: () => void }} after `end` the page is not watched any more
   */
  globalThis.drawFigure = (element, figure) => {
    const { data, layout, config } = structuredClone(figure);
    const ended = new AbortController();
    const { signal } = ended;
    for (const size of ["width", "autosize"]) delete layout[size];

    /** What depends on the page. */
    let adaptedTo = "";
    const adapt = async (width = element.offsetWidth, size = { autosize: true }) => {
      const changes = { ...titleFor(layout, width), "font.color": getComputedStyle(element).color, ...size };
      const now = JSON.stringify([width, changes]);
      if (width === 0 || now === adaptedTo) return;
      adaptedTo = now;
      await Plotly.relayout(element, changes);
      if (!signal.aborted) await Plotly.relayout(element, bottomFor(element)); // the width decides the legend's rows
    };

    const draw = async () => {
      await visible(element);
      if (signal.aborted) return;
      await Plotly.newPlot(element, data, structuredClone(layout), {
        displaylogo: false,
        ...config,
        responsive: false,
      });
      if (signal.aborted) return;
      adapt();
      const observers = [new ResizeObserver(() => adapt()), new MutationObserver(() => adapt())];
      observers[0].observe(element);
      for (const node of [document.documentElement, document.body]) observers[1].observe(node, { attributes: true });
      signal.addEventListener("abort", () => {
        for (const observer of observers) observer.disconnect();
        Plotly.purge(element);
      });
      matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => adapt(), { signal });
      const printed = () =>
        adapt(Math.min(printedWidth, element.offsetWidth), { width: printedWidth, autosize: false });
      addEventListener("beforeprint", printed, { signal });
      addEventListener("afterprint", () => adapt(element.offsetWidth, { width: null, autosize: true }), { signal });
    };
    return { drawn: draw(), end: () => ended.abort() };
  };
}
