// Puts an interactive figure in the place of each static one. On paper, and where this does not run, the static ones stay.
// Each is drawn when the page has nothing else to do: a playground answers first.
{
  const whenIdle = globalThis.requestIdleCallback ?? setTimeout; // Safari has none
  const draw = (figure) => {
    const content = JSON.parse(figure.querySelector("script").textContent);
    const page = "rgba(0, 0, 0, 0)"; // its text has the page's colour
    content.layout = { paper_bgcolor: page, plot_bgcolor: page, ...content.layout };
    const plot = figure.querySelector(".plot");
    drawFigure(plot, content).drawn.then(() => figure.classList.add("drawn"));
  };
  const drawNext = ([figure, ...others]) =>
    whenIdle(() => {
      draw(figure);
      if (others.length > 0) drawNext(others);
    });
  drawNext([...document.querySelectorAll("figure.figure")]);
}
