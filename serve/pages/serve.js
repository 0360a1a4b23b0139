// Clicks on the heat map lead to the run of a cell; a running sweep is followed as it prints.
function cellOf(figure, point) {
  const data = figure.data[0], at = (values, value) => values.findIndex((each) => String(each) === String(value));
  return `${at(data.x, point.x)},${data.type === "heatmap" ? at(data.y, point.y) : 0}`;
}

function followHeat(place) {
  const wait = setInterval(() => {
    if (!place.on) return;
    clearInterval(wait);
    place.on("plotly_click", (event) => {
      const url = new URL(place.dataset.path, location.origin);
      url.searchParams.set("cell", cellOf(place, event.points[0]));
      location.assign(url);
    });
  }, 100);
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
