// Charts: one wrapper around ECharts, and the table that stands for each chart.
// Drawn as SVG when they come into view; nothing moves.

const STYLE = getComputedStyle(document.documentElement);
const colour = (name) => STYLE.getPropertyValue("--" + name).trim();
const FONT = STYLE.getPropertyValue("--sans").trim();
// On a projector the page is set larger, and its charts with it.
const SCALE = parseFloat(STYLE.fontSize) / 16;
const TEXT = { color: colour("ink"), fontFamily: FONT, fontSize: 13 * SCALE };
const SMALL = Object.assign({}, TEXT, { fontSize: 12 * SCALE, lineHeight: 13 * SCALE });
const drawn = new Set();

function base() {
  return {
    animation: false,
    textStyle: { fontFamily: FONT, color: TEXT.color },
    tooltip: { confine: true, transitionDuration: 0, textStyle: TEXT, borderColor: colour("grey") },
  };
}

/** Lines of a tooltip as elements: what is said is never read as markup. */
function lines(...texts) {
  return el("div", {}, texts.filter(Boolean).map((text) => el("div", {}, text)));
}

const watcher = new IntersectionObserver((entries) => {
  entries.filter((entry) => entry.isIntersecting).forEach((entry) => draw(entry.target));
}, { rootMargin: "300px" });

const sizes = new ResizeObserver((entries) => {
  entries.forEach((entry) => { if (entry.target.chart) redraw(entry.target); });
});

function redraw(plot) {
  if (!plot.isConnected || !plot.clientWidth) return;
  plot.chart.setOption(Object.assign(base(), plot.option(plot.clientWidth)), true);
  plot.chart.resize();
}

function draw(plot) {
  watcher.unobserve(plot);
  if (plot.chart || !plot.isConnected) return;
  plot.chart = echarts.init(plot, null, { renderer: "svg" });
  plot.chart.on("click", (event) => { if (plot.pick) plot.pick(event); });
  redraw(plot);
  drawn.add(plot);
  sizes.observe(plot);
}

/** Everything is drawn before it is printed, and can be made as wide as the paper. */
window.addEventListener("beforeprint", () => document.querySelectorAll(".plot").forEach((plot) => {
  draw(plot);
  const drawing = plot.querySelector("svg");
  if (drawing) drawing.setAttribute("viewBox", "0 0 " + plot.chart.getWidth() + " " + plot.chart.getHeight());
}));

/** Charts that have left the page give their memory back. */
function forgetOld() {
  drawn.forEach((plot) => {
    if (plot.isConnected) return;
    sizes.unobserve(plot);
    plot.chart.dispose();
    drawn.delete(plot);
  });
}

/** A plain table for a chart: heads and rows of text or elements. */
function plainTable(title, heads, rows) {
  return el("div", { class: "wide", role: "region", tabindex: "0", "aria-label": title },
    el("table", {}, el("caption", {}, title),
      el("thead", {}, el("tr", {}, heads.map((head) => el("th", { scope: "col" }, head)))),
      el("tbody", { on: { keydown: roam } }, rows.map((row) => el("tr", {}, row.map((cell, n) => el(n ? "td" : "th", n ? {} : { scope: "row" }, cell)))))));
}

/**
 * A figure: title, what is measured, the chart, its notes and its table.
 * option(width) gives the chart for the width there is; table() is made when it is opened.
 */
function picture({ title, measure, notes, height, option, table, pick, full, level }) {
  const plot = el("div", { class: "plot", role: "img", "aria-label": title + "。" + (measure || "") + "。" + words.chart_table });
  plot.style.height = height / 16 + "rem";
  plot.option = option;
  plot.pick = pick;
  watcher.observe(plot);
  const details = el("details", {}, el("summary", {}, words.chart_table, el("span", { class: "sr" }, "：" + title)));
  details.addEventListener("toggle", () => { if (details.open && details.children.length === 1) details.append(table()); });
  return el("figure", { class: full ? "full" : null },
    el("figcaption", {}, el(level || "h3", {}, title), measure ? el("p", {}, measure) : ""),
    plot, (notes || []).map((note) => el("p", { class: "hint" }, note)), details);
}

const AXIS = { axisLine: { show: false }, axisTick: { show: false }, axisLabel: TEXT, splitLine: { lineStyle: { color: colour("light") } } };
/** Ticks with thousands apart and a true minus. */
const tick = (value) => (typeof value === "number" ? value.toLocaleString("en-US").replace("-", "\u2212") : value);

function axis(own) {
  const label = Object.assign({}, TEXT, own.type === "value" ? { formatter: tick, hideOverlap: true } : {}, own.axisLabel);
  return Object.assign({}, AXIS, own, { axisLabel: label });
}

/** A long name without what it says in brackets: beside a bar there is no room for that. */
const short = (name) => (name.length > 11 ? name.replace(/（[^）]*）$/, "") : name);

/** How wide the names beside bars may be, and how they are set. */
const nameWidth = (width) => Math.min(190 * SCALE, width * 0.36);
const nameLabel = (width) => Object.assign({}, SMALL, { width: nameWidth(width) - 6, overflow: "break", interval: 0 });

/** Members by value, largest first; those without a figure last, with their mark. */
function bars(by, id, own) {
  const found = column(by, id);
  const places = sortedPlaces(by, placesWith(by, [id]).filter((place) => place), id, false);
  const names = places.map((place) => short(nameAt(by, place)) + (isGone(found.v[place]) ? "　" + found.v[place] : ""));
  const theme = colour(data.indicators[id].theme) || colour("blue");
  const values = places.map((place) => {
    const value = amount(found.v[place]);
    const chosen = own === undefined || own === place;
    return { value, place, itemStyle: { color: chosen ? theme : colour("light") }, label: { formatter: found.v[place] } };
  });
  const province = data.indicators[id].level ? null : amount(found.v[0]);
  return {
    height: 60 + places.length * 28,
    option: (width) => ({
      grid: { left: nameWidth(width) + 8, right: 76 * SCALE, top: province === null ? 8 : 30 * SCALE, bottom: 28 * SCALE },
      xAxis: axis({ type: "value", splitNumber: width < 480 ? 2 : 4 }),
      yAxis: axis({ type: "category", data: names, inverse: true, axisLabel: nameLabel(width), splitLine: { show: false } }),
      tooltip: Object.assign({}, base().tooltip, { formatter: (at) => tip(by, id, at.data.place) }),
      series: [{
        type: "bar", data: values, barWidth: 13 * SCALE, label: Object.assign({ show: true, position: "right" }, TEXT),
        markLine: province === null ? undefined : {
          silent: true, symbol: "none", lineStyle: { color: TEXT.color, type: "solid", width: 1 },
          label: Object.assign({ formatter: fill(words.province_line, { value: found.v[0] }), position: "start" }, TEXT), data: [{ xAxis: province }],
        },
      }],
    }),
  };
}

/** What a point is, in the words of the dialog. */
function tip(by, id, place) {
  const cell = cellAt(by, id, place);
  return lines(nameAt(by, place), data.indicators[id].name + " " + cell.text + " " + (isGone(cell.text) ? cell.state.why : cell.unit),
    cell.change ? words.change + " " + cell.change : "", words.covered + " " + cell.covered + " " + words.copies + "，" + words.response + " " + responseText(cell.state));
}

/** The table of a bar chart. */
function barTable(title, by, id) {
  const found = column(by, id);
  const places = sortedPlaces(by, placesWith(by, [id]), id, false);
  return plainTable(title, [groupOf(by).stub, found.u, words.change, words.share, words.rank],
    places.map((place, n) => [nameAt(by, place), numberButton(cellAt(by, id, place), n === 0), cellAt(by, id, place).change, place ? found.s[place] : "", place && found.k[place] ? rankText(cellAt(by, id, place)) : ""]));
}
