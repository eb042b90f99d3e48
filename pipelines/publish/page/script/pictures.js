// The charts of the overview: composition, change on the year before, two measures side by side.

const PARTS = ["#1b4f8f", "#7fa3cf", "#d9884f", "#8a94a0", "#e3c27a", "#4b5a68"];
const PART_INK = ["#fff", "#000", "#000", "#000", "#000", "#fff"];

/** One stacked bar a year. */
function composition(made) {
  const years = made.years.filter((year, n) => made.told[n]);
  const places = made.told.map((told, n) => n).filter((n) => made.told[n]);
  const series = made.parts.map((part, k) => ({
    type: "bar", stack: "all", name: part.name, barWidth: 40 * SCALE, itemStyle: { color: PARTS[k % PARTS.length], borderColor: "#fff", borderWidth: 1 },
    data: places.map((n) => ({ value: amount(part.shares[n]), n, label: { show: (amount(part.shares[n]) || 0) >= 8, formatter: part.shares[n], color: PART_INK[k % PART_INK.length] } })),
    label: SMALL,
  }));
  return picture({
    title: made.title,
    measure: fill(words.share_of_whole, { whole: made.whole }) + "%；" + places.map((n) => yearText(made.years[n]) + made.wholes[n]).join("，"),
    height: 130 + 62 * years.length,
    option: (width) => ({
      grid: { left: 62 * SCALE, right: 16, top: width < 480 ? 78 : 52 * SCALE, bottom: 28 * SCALE },
      legend: { top: 0, left: 0, textStyle: TEXT, itemWidth: 14, itemHeight: 12, selectedMode: false },
      xAxis: axis({ type: "value", max: 100, interval: 25 }),
      yAxis: axis({ type: "category", data: years.map(yearText), inverse: true, splitLine: { show: false } }),
      tooltip: Object.assign({}, base().tooltip, { formatter: (at) => lines(at.seriesName, yearText(made.years[at.data.n]) + " " + made.parts[at.seriesIndex].values[at.data.n] + "，" + fill(words.share_of_whole, { whole: made.whole }) + made.parts[at.seriesIndex].shares[at.data.n]) }),
      series,
    }),
    table: () => plainTable(made.title, [words.composition, ...places.flatMap((n) => [yearText(made.years[n]), fill(words.share_of_whole, { whole: made.whole })])],
      made.parts.map((part) => [part.name, ...places.flatMap((n) => [part.values[n], part.shares[n] || "…"])])),
  });
}

/** Signed bars of the growth rates of the province. */
function changes() {
  const known = data.changes.filter((each) => data.provincial[each.id]);
  const rated = known.filter((each) => each.rate);
  if (!rated.length) return el("p", { class: "notice" }, words.no_changes);
  const rows = rated.map((each) => ({ id: each.id, name: data.indicators[each.id].name, cell: data.provincial[each.id] }));
  rows.sort((a, b) => (amount(b.cell.c) || 0) - (amount(a.cell.c) || 0));
  return picture({
    title: fill(words.changes_finding, { count: rows.length, up: rows.filter((row) => row.cell.d === "u").length, down: rows.filter((row) => row.cell.d === "d").length }),
    measure: words.changes_title + "，" + yearText(data.year) + words.change + "，%",
    notes: rated.length < known.length ? [words.no_rate] : [],
    height: 50 + 30 * rows.length,
    option: (width) => ({
      grid: { left: nameWidth(width) + 8, right: 66 * SCALE, top: 8, bottom: 28 * SCALE },
      xAxis: axis({ type: "value", splitNumber: width < 480 ? 2 : 4 }),
      yAxis: axis({ type: "category", data: rows.map((row) => short(row.name)), inverse: true, splitLine: { show: false }, axisLabel: nameLabel(width) }),
      tooltip: Object.assign({}, base().tooltip, { formatter: (at) => lines(rows[at.dataIndex].name, data.indicators[rows[at.dataIndex].id].said) }),
      series: [{
        type: "bar", barWidth: 14 * SCALE,
        data: rows.map((row) => {
          const value = amount(row.cell.c) || 0;
          return { value, itemStyle: { color: row.cell.d === "d" ? colour("blue") : colour("red") }, label: { formatter: row.cell.c || words.flat } };
        }),
        label: Object.assign({ show: true, position: "right" }, TEXT),
      }],
    }),
    table: () => plainTable(words.changes_title, [words.indicator, yearText(data.year), yearText(data.year - 1), words.change],
      known.map((each) => {
        const cell = data.provincial[each.id];
        return [data.indicators[each.id].name + "（" + cell.u + "）", cell.v, cell.l, changeText(cell.d, cell.c, cell.v, cell.l, cell.u)];
      })),
  });
}

/** Two measures of each place, with the medians as a cross. */
function scatter(made) {
  const [x, y] = [data.indicators[made.x.id], data.indicators[made.y.id]];
  const names = made.members.map((id) => nameAt(made.by, placeOf(made.by, id)));
  const title = fill(words.scatter_title, { x: x.name, y: y.name });
  const few = made.members.length <= 12;
  const points = made.members.map((id, n) => ({ value: [amount(made.x.cells[n]), amount(made.y.cells[n])], id, n }));
  const largest = new Set([0, 1].flatMap((k) => points.slice().sort((a, b) => b.value[k] - a.value[k]).slice(0, 3)).map((point) => point.n));
  const line = (at, value) => ({ [at]: amount(value), label: Object.assign({ formatter: words.median + " " + value, position: at === "xAxis" ? "end" : "insideEndTop" }, SMALL) });
  return picture({
    title,
    measure: groupOf(made.by).name + "，" + yearText(data.year) + "；" + fill(words.scatter_missing, { shown: made.members.length, missing: made.missing }),
    height: 420,
    option: (width) => ({
      grid: { left: 62 * SCALE, right: 60 * SCALE, top: 40 * SCALE, bottom: 52 * SCALE },
      xAxis: axis({ type: "value", name: x.name + "（" + made.x.unit + "）", nameLocation: "middle", nameGap: 30 * SCALE, nameTextStyle: TEXT, splitNumber: width < 480 ? 3 : 5, scale: true }),
      yAxis: axis({ type: "value", name: y.name + "（" + made.y.unit + "）", nameTextStyle: Object.assign({ align: "left", padding: [0, 0, 0, -56 * SCALE] }, TEXT), scale: true }),
      tooltip: Object.assign({}, base().tooltip, { formatter: (at) => (at.componentType === "series" ? lines(names[at.data.n], x.name + " " + made.x.cells[at.data.n] + " " + made.x.unit, y.name + " " + made.y.cells[at.data.n] + " " + made.y.unit) : "") }),
      series: [{
        type: "scatter", data: points, symbolSize: 11, itemStyle: { color: colour("blue"), opacity: 0.75 },
        label: Object.assign({ show: true, position: "right", formatter: (at) => (few || largest.has(at.data.n) ? names[at.data.n] : "") }, SMALL),
        labelLayout: { hideOverlap: true, moveOverlap: "shiftY" },
        markLine: { silent: true, symbol: "none", lineStyle: { color: colour("grey"), type: "dashed" }, data: [line("xAxis", made.x.median), line("yAxis", made.y.median)] },
      }],
    }),
    pick: (event) => { if (event.data && event.data.id) location.hash = placeLink(made.by, placeOf(made.by, event.data.id)); },
    table: () => plainTable(title, [groupOf(made.by).stub, x.name + "（" + made.x.unit + "）", y.name + "（" + made.y.unit + "）"],
      made.members.map((id, n) => [names[n], made.x.cells[n], made.y.cells[n]])),
  });
}

/** The scatter charts, one at a time. */
function scatters() {
  const name = (made) => groupOf(made.by).name + "：" + fill(words.scatter_title, { x: data.indicators[made.x.id].name, y: data.indicators[made.y.id].name });
  const select = el("select", { on: { change: show } }, data.scatters.map((made, n) => el("option", { value: n }, name(made))));
  const place = el("div", {});
  function show() {
    place.replaceChildren(scatter(data.scatters[Number(select.value) || 0]));
    forgetOld();
  }
  show();
  return el("div", { class: "full" }, el("p", { class: "choose" }, el("label", {}, words.choose_scatter, select)), place);
}

function overview() {
  const parts = data.compositions.map(composition);
  byId("overview-figures").append(...parts, ...(Object.keys(data.provincial).length ? [changes()] : []), ...(data.scatters.length ? [scatters()] : []));
}
