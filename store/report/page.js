// Draws the figures in the colours that the page has now: light, dark or paper.
const figures = JSON.parse(document.getElementById("figures").textContent);

function colours() {
  const style = getComputedStyle(document.documentElement);
  return (name) => style.getPropertyValue(name).trim();
}

// Replaces "var(--name)" by its value, and the word "scale" of a heat map by its stops.
function resolved(value, colour) {
  if (Array.isArray(value)) return typeof value[0] === "object" ? value.map((v) => resolved(v, colour)) : value;
  if (value === null || typeof value !== "object") {
    const name = typeof value === "string" && /^var\((--[a-z]+)\)$/.exec(value);
    return name ? colour(name[1]) : value;
  }
  const copy = Object.fromEntries(Object.entries(value).map(([k, v]) => [k, resolved(v, colour)]));
  if (copy.colorscale === "scale") {
    const stops = colour("--scale").split(/\s+/);
    copy.colorscale = stops.map((stop, i) => [i / (stops.length - 1), stop]);
  }
  return copy;
}

function themed(layout, colour, width) {
  const line = { color: colour("--soft"), gridcolor: colour("--line"), zerolinecolor: colour("--line"), linecolor: colour("--line"), automargin: true };
  const own = resolved(layout, colour);
  for (const axis of Object.keys(own).filter((key) => /^[xy]axis/.test(key))) {
    own[axis] = { ...line, ...own[axis] };
  }
  return {
    font: { family: getComputedStyle(document.body).fontFamily, size: 12.5, color: colour("--soft") },
    paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", bargap: 0,
    modebar: { bgcolor: "rgba(0,0,0,0)", color: colour("--hold"), activecolor: colour("--best") },
    hoverlabel: { bgcolor: colour("--card"), bordercolor: colour("--line"), font: { color: colour("--ink") } },
    dragmode: matchMedia("(pointer: coarse)").matches ? false : "zoom",
    ...own, width, margin: { l: 8, r: 8, t: 24, b: 8, ...own.margin },
  };
}

function draw(width) {
  const colour = colours();
  for (const [id, figure] of Object.entries(figures)) {
    const place = document.getElementById(id);
    Plotly.react(place, resolved(figure.data, colour), themed(figure.layout, colour, width), {
      responsive: true, displaylogo: false, displayModeBar: matchMedia("(min-width: 600px)").matches ? "hover" : false, modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d"],
    });
  }
}

draw();
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => draw());
matchMedia("print").addEventListener("change", (paper) => draw(paper.matches ? 680 : undefined));
