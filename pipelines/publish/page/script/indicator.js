// One indicator: what it is, who has how much of it, and where.

function chooseIndicator(id) {
  const groups = Object.entries(data.themes).map(([theme, name]) => [name, Object.keys(data.indicators).filter((each) => data.indicators[each].theme === theme)]);
  const options = groups.filter(([, ids]) => ids.length).map(([name, ids]) => el("optgroup", { label: name }, ids.map((each) => el("option", { value: each, selected: each === id }, data.indicators[each].name))));
  const select = el("select", { id: "choose-indicator", on: { change: () => { location.hash = "#indicator=" + select.value; } } }, options);
  return el("p", { class: "choose" }, el("label", {}, words.choose_indicator, select));
}

/** Own years beside the nation's, where both stand on one scale; a break is a gap. */
function years(id) {
  const entry = data.indicators[id];
  const found = entry.series;
  if (!found) return el("p", { class: "hint" }, words.only_one_year);
  const nation = found.nation.some((text) => amount(text) !== null);
  const title = (nation ? words.years_nation : words.years_title) + "：" + data.indicators[id].name;
  const broken = new Set(Object.keys(found.breaks));
  const theme = colour(data.indicators[id].theme) || colour("blue");
  // Two or three years make no line; bars begin at zero.
  const few = !nation && found.years.length < 4;
  const line = (name, texts, tint, symbol) => ({
    type: few ? "bar" : "line", name, barWidth: 44 * SCALE, labelLayout: { moveOverlap: "shiftY" }, symbol, symbolSize: 9, itemStyle: { color: tint }, lineStyle: { color: tint, width: 2 }, connectNulls: false,
    data: found.years.flatMap((year, n) => {
      const value = amount(texts[n]);
      const point = [String(year), value, n];
      return broken.has(String(year)) ? [[String(year), null], point] : [point];
    }),
    endLabel: few ? undefined : Object.assign({ show: true, formatter: name }, TEXT),
    label: Object.assign({ show: found.years.length < 6, position: "top", formatter: (at) => texts[at.value[2]] }, TEXT),
  });
  const series = [line(words.province, found.own, theme, "diamond")];
  if (nation) series.push(line(words.nation_name, found.nation, colour("grey"), "circle"));
  return picture({
    title: entry.said.replace(/。$/, ""),
    measure: title + "，" + found.unit,
    notes: Object.entries(found.breaks).map(([year, note]) => fill(words.break_note, { years: year }) + note),
    height: 320,
    option: (width) => ({
      grid: { left: 66 * SCALE, right: 60 * SCALE, top: 30 * SCALE, bottom: 32 * SCALE },
      xAxis: axis({ type: "category", data: found.years.map(String), splitLine: { show: false }, axisLabel: { interval: width < 480 ? Math.floor(found.years.length / 4) : "auto" } }),
      yAxis: axis({ type: "value", scale: !few, splitNumber: 4, boundaryGap: [few ? 0 : "10%", "12%"] }),
      tooltip: Object.assign({}, base().tooltip, { formatter: (at) => lines(yearText(at.value[0]) + " " + at.seriesName, (at.seriesIndex ? found.nation : found.own)[at.value[2]] + " " + found.unit) }),
      series,
    }),
    table: () => plainTable(title, [words.year, words.province, ...(nation ? [words.nation_name] : [])],
      found.years.map((year, n) => [yearText(year), found.own[n], ...(nation ? [found.nation[n]] : [])])),
  });
}

function ranking(by, id) {
  if (!column(by, id)) return "";
  const entry = data.indicators[id];
  const chart = bars(by, id);
  const title = groupOf(by).each + entry.name;
  const lead = entry.lead[by];
  return picture({
    title: lead.title || title,
    measure: (lead.title ? title + "，" : "") + column(by, id).u + "，" + yearText(data.year),
    notes: lead.notes,
    height: chart.height,
    option: chart.option,
    pick: (event) => { if (by !== "level" && event.data && event.data.place) location.hash = placeLink(by, event.data.place); },
    table: () => barTable(title, by, id),
  });
}

function showIndicator(id) {
  const entry = data.indicators[id];
  const cell = data.provincial[id];
  const open = el("details", {}, el("summary", {}, words.definition, el("span", { class: "sr" }, "：" + entry.name)), facts([
    ...definitionRows(entry), [words.covered, entry.n + " " + words.copies], [words.response, responseText(data.states[entry.m])],
    ...data.states[entry.m].mind.map((text) => [words.state, text]),
  ]));
  open.open = true;
  byId("indicator-view").replaceChildren(
    chooseIndicator(id),
    el("div", { class: "what" }, el("h3", {}, entry.name), el("p", { class: "whole" }, entry.said),
      el("p", { class: "nation" }, entry.nation), cell && isGone(cell.v) ? el("p", { class: "why" }, data.states[entry.m].why) : "", open),
    el("div", { class: "figures" }, ranking("prefecture", id), years(id), tileMap(id),
      ranking("department", id), ranking("level", id)),
  );
  forgetOld();
}
