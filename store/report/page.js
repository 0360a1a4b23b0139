// Draws the figures in the colours that the page has now, light, dark or paper; sorts tables.
const figures = JSON.parse(document.getElementById("figures").textContent);
const paper = matchMedia("print");

function colours() {
  const style = getComputedStyle(document.documentElement);
  return (name) => style.getPropertyValue(name).trim();
}

// Replaces "var(--name)" by its value, and the word that names a colour scale by its stops.
function resolved(value, colour) {
  if (Array.isArray(value)) return typeof value[0] === "number" ? value : value.map((v) => resolved(v, colour));
  if (value === null || typeof value !== "object") {
    const name = typeof value === "string" && /^var\((--[a-z0-9]+)\)$/.exec(value);
    return name ? colour(name[1]) : value;
  }
  const copy = Object.fromEntries(Object.entries(value).map(([k, v]) => [k, resolved(v, colour)]));
  if (typeof copy.colorscale === "string") {
    const stops = colour(`--${copy.colorscale}`).split(/\s+/);
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

// On a phone a year of months is as wide as the screen, and its numbers are small.
function fitted(data) {
  const small = matchMedia("(max-width: 600px)").matches;
  return small ? data.map((one) => (one.texttemplate ? { ...one, textfont: { ...one.textfont, size: 7 } } : one)) : data;
}

function draw(id) {
  const colour = colours(), place = document.getElementById(id), { data, layout } = figures[id];
  // On paper a figure is as wide as its column there; the browser lays that out too late.
  const column = place.closest(".maps > :not(.wide), .profiles > *") ? 330 : 680;
  Plotly.react(place, resolved(fitted(data), colour), themed(layout, colour, paper.matches ? column : undefined), {
    responsive: true, displaylogo: false, displayModeBar: matchMedia("(min-width: 600px) and (hover: hover)").matches ? "hover" : false,
    modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d", "zoomIn2d", "zoomOut2d"],
  });
}

const drawAll = () => Object.keys(figures).forEach(draw);

// One figure at a time: the page can be read and scrolled meanwhile.
function drawNext(ids) {
  if (!ids.length) return;
  draw(ids[0]);
  setTimeout(drawNext, 0, ids.slice(1));
}

drawNext(Object.keys(figures));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
paper.addEventListener("change", drawAll);

// What a cell sorts by: its number; what has none comes last, whichever way.
function sortKey(row, column) {
  const cell = row.cells[column];
  return cell.dataset.key === undefined ? cell.textContent.trim() : cell.dataset.key === "" ? NaN : Number(cell.dataset.key);
}

function sort(table, column, sign) {
  const body = table.tBodies[0];
  const keyed = [...body.rows].map((row) => [sortKey(row, column), row]);
  keyed.sort(([a], [b]) => {
    if (typeof a === "string") return sign * a.localeCompare(b, "en", { numeric: true });
    return Number.isNaN(a) - Number.isNaN(b) || sign * (a - b) || 0;
  });
  body.append(...keyed.map(([, row]) => row));
}

for (const table of document.querySelectorAll("table.sortable")) {
  const headings = [...table.tHead.rows[0].cells];
  headings.forEach((heading, column) => heading.addEventListener("click", () => {
    const down = heading.getAttribute("aria-sort") === "none" ? !(column === 0 || heading.classList.contains("text")) : heading.getAttribute("aria-sort") === "ascending";
    headings.forEach((one) => one.setAttribute("aria-sort", "none"));
    heading.setAttribute("aria-sort", down ? "descending" : "ascending");
    sort(table, column, down ? -1 : 1);
  }));
}
