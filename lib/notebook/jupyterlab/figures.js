// Shows figures in JupyterLab, in place of the extension that comes with plotly.py: that one ignores the theme, and saves a
// picture of each figure into the notebook, which it shows instead of the figure when the notebook is opened again, at its
// old width. Set-up installs this file as a prebuilt extension, beside plotly.min.js and draw-figure.js. It has the form
// that JupyterLab loads, a container of webpack's module federation: https://webpack.js.org/concepts/module-federation/
{
  const mimeType = "application/vnd.plotly.v1+json";
  const playgroundType = "application/vnd.image-denoiser.playground+json";
  const folder = new URL(".", document.currentScript.src);

  /** @type {Promise<unknown> | undefined} */
  let libraries;
  const load = (/** @type {string} */ name) =>
    new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = new URL(name, folder).href;
      script.addEventListener("load", resolve);
      script.addEventListener("error", () => reject(new Error(`${script.src} cannot be loaded`)));
      document.head.append(script);
    });

  const figureClass = (Widget) =>
    class extends Widget {
      constructor() {
        super();
        this.addClass("jp-RenderedPlotly");
      }

      async renderModel({ data }) {
        libraries ??= Promise.all(["plotly.min.js", "draw-figure.js"].map(load));
        await libraries;
        const figure = data[mimeType];
        this.node.style.height = `${figure.layout.height ?? 360}px`;
        this.figure?.end();
        if (!this.isDisposed) this.figure = drawFigure(this.node, figure);
      }

      dispose() {
        this.figure?.end();
        super.dispose();
      }
    };

  /** @type {Promise<unknown> | undefined} */
  let playgroundScript;
  const playgroundClass = (Widget) =>
    class extends Widget {
      async renderModel({ data }) {
        playgroundScript ??= load("playground.js");
        await playgroundScript;
        this.playground?.end();
        if (!this.isDisposed) this.playground = startPlayground(this.node, data[playgroundType]);
      }

      dispose() {
        this.playground?.end();
        super.dispose();
      }
    };

  // Browsers show an SVG in an <img> in the colours of this scheme: pictures during training, and in untrusted notebooks.
  const scheme = document.createElement("style");
  scheme.textContent = 'body[data-jp-theme-light="false"] { color-scheme: dark }';
  document.head.append(scheme);

  let widgets;
  const container = {
    init(shared) {
      const [{ get }] = Object.values(shared["@lumino/widgets"]);
      widgets = get();
    },
    async get() {
      const { Widget } = (await widgets)();
      const Figure = figureClass(Widget);
      const Playground = playgroundClass(Widget);
      const plugin = (id, mimeType, createRenderer) => ({
        id: `image-denoiser:${id}`,
        rendererFactory: { safe: true, mimeTypes: [mimeType], createRenderer },
        rank: 0,
        dataType: "json",
      });
      const plugins = [
        plugin("figures", mimeType, () => new Figure()),
        plugin("playground", playgroundType, () => new Playground()),
      ];
      return () => ({ __esModule: true, default: plugins });
    },
  };
  globalThis._JUPYTERLAB = { ...globalThis._JUPYTERLAB, "image-denoiser": container };
}
