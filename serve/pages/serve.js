// Clicks on the heat map lead to the run of a cell; a running sweep is followed as it prints.
function cellOf(figure, point) {
  const data = figure.data[0], at = (values, value) => values.findIndex((each) => String(each) === String(value));
  return `${at(data.x, point.x)},${data.type === "heatmap" ? at(data.y, point.y) : 0}`;
}

function openCell(place, cell) {
  const url = new URL(place.dataset.path, location.origin);
  url.searchParams.set("cell", cell);
  location.assign(url);
}

function followHeat(place) {
  const wait = setInterval(() => {
    if (!place.on) return;
    clearInterval(wait);
    place.on("plotly_click", (event) => openCell(place, cellOf(place, event.points[0])));
    walkCells(place);
  }, 100);
}

// Arrow keys go from cell to cell, which is told in words; Enter opens the run.
function walkCells(place) {
  const { x, y, z } = place.data[0], rows = Array.isArray(z) ? z.length : 1;
  const asked = new URL(location).searchParams.get("cell") || "0,0";
  let [column, row] = asked.split(",").map((text) => Number(text) || 0);
  const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
  place.addEventListener("keydown", (event) => {
    if (event.target !== place) return;
    if (event.key === "Enter") openCell(place, `${column},${row}`);
    const step = steps[event.key];
    if (!step) return;
    event.preventDefault();
    column = Math.min(Math.max(column + step[0], 0), x.length - 1);
    row = Math.min(Math.max(row + step[1], 0), rows - 1);
    const axes = place.layout, value = z ? z[row][column] : y[column];
    const names = z ? `${axes.xaxis.title.text} ${x[column]}, ${axes.yaxis.title.text} ${y[row]}` : `${axes.xaxis.title.text} ${x[column]}`;
    document.getElementById("cell").textContent = `${names}: ${value === null ? "no run" : Number(value).toPrecision(3)}; Enter shows it`;
  });
}

function followJob(place) {
  const source = new EventSource(`/jobs/${place.dataset.job}/events`), log = document.getElementById("log");
  const progress = document.getElementById("progress"), bar = document.getElementById("bar");
  log.textContent = "";
  source.addEventListener("line", (event) => {
    const { line } = JSON.parse(event.data), share = /^[\d,]+\/[\d,]+ runs \((\d+) %\)/.exec(line);
    log.textContent += `${line}\n`;
    if (!share) return;
    progress.textContent = line;
    bar.style.setProperty("--share", share[1] / 100);
  });
  source.addEventListener("end", () => { source.close(); location.reload(); });
}

const heat = document.getElementById("heat"), live = document.getElementById("live");
if (heat) followHeat(heat);
if (live && live.dataset.state === "running") followJob(live);
