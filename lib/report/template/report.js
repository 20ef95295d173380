// What the report gains where scripts run: contents that follow the reading, all code opened at once, a choice of light or
// dark, and tables that can be scrolled with the keyboard.
{
  const contents = document.getElementById("contents");
  const wide = matchMedia("(min-width: 72rem)");

  /** Beside the article the contents are open, above it they are folded. */
  const fold = () => {
    if (contents) contents.open = wide.matches;
  };
  fold();
  wide.addEventListener("change", fold);
  contents?.addEventListener("click", (event) => {
    if (event.target.closest("a") && !wide.matches) contents.open = false;
  });

  const links = [...(contents?.querySelectorAll("a") ?? [])];
  const headings = links.map((link) => document.getElementById(decodeURIComponent(link.hash.slice(1))));
  const follow = () => {
    const begun = headings.filter((heading) => heading && heading.getBoundingClientRect().top < innerHeight / 3);
    const atEnd = scrollY > 0 && innerHeight + scrollY >= document.documentElement.scrollHeight - 2;
    const now = atEnd ? headings.at(-1) : begun.at(-1);
    links.forEach((link, i) => {
      if (now && headings[i] === now) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    });
  };
  addEventListener("scroll", follow, { passive: true });
  follow();

  const controls = document.createElement("div");
  controls.className = "controls";
  const button = (text, press) => {
    const element = document.createElement("button");
    element.type = "button";
    element.textContent = text();
    element.addEventListener("click", () => {
      press();
      element.textContent = text();
    });
    controls.append(element);
  };

  const code = [...document.querySelectorAll("details.code")];
  const allOpen = () => code.every(({ open }) => open);
  if (code.length > 0)
    button(
      () => (allOpen() ? "Hide all code" : "Show all code"),
      () => {
        const open = !allOpen();
        for (const details of code) details.open = open;
      },
    );

  const { dataset } = document.documentElement;
  const storage = "report-theme";
  try {
    dataset.theme = localStorage.getItem(storage) ?? "";
  } catch {} // a browser that keeps nothing for files
  const isDark = () => (dataset.theme ? dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches);
  button(
    () => (isDark() ? "Light page" : "Dark page"),
    () => {
      dataset.theme = isDark() ? "light" : "dark";
      try {
        localStorage.setItem(storage, dataset.theme);
      } catch {}
    },
  );
  document.querySelector(".page").prepend(controls);

  /** What scrolls within itself is reached with the keyboard. */
  const scrolls = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      if (target.scrollWidth > target.clientWidth + 1) {
        target.tabIndex = 0;
        target.setAttribute("role", "group");
        target.setAttribute("aria-label", "scrolls sideways");
      } else for (const name of ["tabindex", "role", "aria-label"]) target.removeAttribute(name);
    }
  });
  const boxes = 'main div[style*="overflow"], .scroll, .summary, .jp-RenderedHTML, .formula, main pre';
  for (const box of document.querySelectorAll(boxes)) scrolls.observe(box);
}
