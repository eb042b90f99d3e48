// One prefecture, county unit or department: its own figures, their change, and its place.

const placeLink = (by, place) => "#place=" + by + ":" + members(by)[place - 1][0];

function choosePlace(by, place) {
  const value = (group, n) => group.by + ":" + members(group.by)[n][0];
  const shown = data.groups.filter((group) => group.by !== "level");
  const options = shown.flatMap((group) => {
    const parents = Array.from(new Set(members(group.by).map((member) => member[2])));
    return parents.map((parent) => el("optgroup", { label: parent ? group.name + "：" + parent : group.name },
      members(group.by).map((member, n) => (member[2] === parent ? el("option", { value: value(group, n), selected: group.by === by && n + 1 === place }, member[1]) : ""))));
  });
  const select = el("select", { id: "choose-place", on: { change: () => { location.hash = "#place=" + select.value; } } }, options);
  return el("p", { class: "choose" }, el("label", {}, words.choose_place, select));
}

/** Figures of the profile, by theme, the missing ones with their reasons. */
function profileTable(by, place, name) {
  let first = true;
  const heads = [words.indicator, yearText(data.year), yearText(data.year - 1), words.change, words.province, words.share, words.rank];
  const rows = data.profile.flatMap((listing) => {
    const ids = listing.ids.filter((id) => column(by, id));
    if (!ids.length) return [];
    const head = el("tr", { class: "group" }, el("th", { scope: "rowgroup", colspan: heads.length }, listing.title));
    return [head, ...ids.map((id) => {
      const cell = cellAt(by, id, place);
      const button = numberButton(cell, first);
      first = false;
      return el("tr", {},
        el("th", { scope: "row" }, el("a", { href: "#indicator=" + id }, data.indicators[id].name), el("small", {}, cell.unit)),
        el("td", {}, button), el("td", {}, cell.last),
        el("td", { class: "text" }, isGone(cell.text) ? cell.state.why : el("span", { class: cell.direction }, cell.change)),
        el("td", {}, cellAt(by, id, 0).text), el("td", {}, cell.share), el("td", {}, isGone(cell.text) ? "" : rankText(cell) + (cell.rank ? "／" + (cell.of + cell.hidden) : "")));
    })];
  });
  const title = fill(words.profile_title, { place: name });
  return el("div", { class: "wide whole", role: "region", tabindex: "0", "aria-label": title },
    el("table", {}, el("caption", {}, title), el("thead", {}, el("tr", {}, heads.map((head, n) => el("th", { scope: "col", class: n === 3 ? "text" : null }, head)))), el("tbody", { on: { keydown: roam } }, rows)));
}

/** The places of the main indicators among its peers, first on the left. */
function standing(by, place, name) {
  const rows = data.standing.filter((id) => column(by, id)).map((id) => ({ id, cell: cellAt(by, id, place) })).filter((row) => row.cell.rank);
  if (!rows.length) return "";
  const most = Math.max(...rows.map((row) => row.cell.of + row.cell.hidden));
  const first = rows.map((row) => parseInt(row.cell.rank, 10));
  const title = name + "：" + words.standing_title;
  return picture({
    title,
    measure: words.standing_note,
    height: 60 + 30 * rows.length,
    option: (width) => ({
      grid: { left: nameWidth(width) + 8, right: 92 * SCALE, top: 8, bottom: 30 * SCALE },
      xAxis: axis({ type: "value", min: 0, max: Math.max(most, 2), minInterval: 1, splitNumber: width < 480 ? 2 : 6, axisLabel: { formatter: (value) => (value ? fill(words.rank_of, { rank: value }) : "") } }),
      yAxis: axis({ type: "category", inverse: true, data: rows.map((row) => data.indicators[row.id].name), splitLine: { show: true, lineStyle: { color: colour("light") } }, axisLabel: nameLabel(width) }),
      tooltip: Object.assign({}, base().tooltip, { formatter: (at) => tip(by, rows[at.dataIndex].id, place) }),
      series: [
        { type: "bar", stack: "span", silent: true, barWidth: 6, itemStyle: { color: "transparent" }, data: first },
        { type: "bar", stack: "span", silent: true, itemStyle: { color: colour("red") }, data: rows.map((row) => row.cell.hidden) },
        { type: "scatter", symbolSize: 13, itemStyle: { color: colour("red") }, data: first.map((rank, n) => [rank, n]) },
        {
          type: "scatter", symbolSize: 13, itemStyle: { color: colour("red") }, data: first.map((rank, n) => [rank + rows[n].cell.hidden, n]),
          label: Object.assign({ show: true, position: "right", formatter: (at) => rankText(rows[at.dataIndex].cell) }, SMALL),
        },
      ],
    }),
    table: () => plainTable(title, [words.indicator, words.rank, words.rank_note],
      rows.map((row) => [data.indicators[row.id].name, rankText(row.cell), rankAmong(row.cell)])),
  });
}

/** What has no figure, by reason. */
function missing(by, place) {
  const found = new Map();
  data.profile.flatMap((listing) => listing.ids).filter((id) => column(by, id)).forEach((id) => {
    const cell = cellAt(by, id, place);
    if (!isGone(cell.text)) return;
    if (!found.has(cell.state.why)) found.set(cell.state.why, new Set());
    found.get(cell.state.why).add(data.indicators[id].name);
  });
  if (!found.size) return "";
  return el("div", {}, el("h3", {}, words.missing_list), el("ul", {}, Array.from(found, ([why, names]) => el("li", {}, why + "：" + Array.from(names).join("、")))));
}

/** Files of the release that speak of this member alone. */
function filesAbout(by, id) {
  const files = data.files[by + ":" + id] || [];
  return files.length ? el("ul", { class: "files" }, files.map((file) => el("li", {}, el("a", { href: file.href }, file.title), " ", el("small", {}, file.size)))) : "";
}

function showPlace(by, place) {
  const [id, name, parent] = members(by)[place - 1];
  const ids = Object.keys(data.columns[by]);
  const texts = ids.map((each) => column(by, each).v[place]);
  const first = ids.length ? cellAt(by, ids[0], place) : null;
  const counted = texts.some((text) => text !== "…");
  const children = members("county") ? members("county").map((member, n) => [member, n + 1]).filter(([member]) => by === "prefecture" && member[2] === name) : [];
  const shown = counted ? [
    texts.every(isGone) ? el("p", { class: "notice" }, fill(words.all_hidden, { place: name })) : "",
    profileTable(by, place, name), el("div", { class: "figures" }, standing(by, place, name), by === "county" ? tileMap(data.start, place) : ""), missing(by, place),
  ] : [el("p", { class: "notice" }, fill(words.nothing_here, { year: data.year, place: name }))];
  byId("place-view").replaceChildren(
    choosePlace(by, place),
    el("div", { class: "what here" }, el("h3", {}, parent ? fill(words.part_of, { place: name, parent }) : name),
      first ? facts([[words.covered, coveredMost(by, place) + " " + words.copies], [words.response, responseText(first.state)]]) : "",
      children.length ? el("p", {}, words.counties_of + "：", children.flatMap(([member, n], k) => [k ? "、" : "", el("a", { href: placeLink("county", n) }, member[1])])) : "", filesAbout(by, id)),
    ...shown.filter((each) => each !== ""),
  );
  forgetOld();
}

/** Most returns behind any of its figures. */
function coveredMost(by, place) {
  return String(Math.max(0, ...Object.keys(data.columns[by]).map((id) => Number(column(by, id).n[place]))));
}
