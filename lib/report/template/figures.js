// Puts an interactive figure in the place of each static one. On paper, and where this does not run, the static ones stay.
for (const figure of document.querySelectorAll("figure.figure")) {
  const content = JSON.parse(figure.querySelector("script").textContent);
  const page = "rgba(0, 0, 0, 0)"; // its text has the page's colour
  content.layout = { paper_bgcolor: page, plot_bgcolor: page, ...content.layout };
  const plot = figure.querySelector(".plot");
  drawFigure(plot, content).drawn.then(() => figure.classList.add("drawn"));
}
