// Tables of regions, departments and levels: every number a button, every column sortable.

/** Rows of a breakdown that have something of these indicators to show; the province first. */
function placesWith(by, ids) {
  const places = [0];
  members(by).forEach((member, n) => {
    const has = ids.some((id) => column(by, id).v[n + 1] !== "…");
    if (has || by === "prefecture" || by === "level" || by === "county") places.push(n + 1);
  });
  return places;
}

function headCell(text, unit, act) {
  const button = el("button", { type: "button", title: words.sort, on: { click: act } }, text);
  return el("th", { scope: "col" }, button, unit ? el("small", {}, unit) : "");
}

/** The value that a row is sorted by; rows without one stand last either way. */
function sortValue(by, id, place) {
  return id ? amount(column(by, id).v[place]) : place;
}

function sortedPlaces(by, places, id, up) {
  const rest = places.filter((place) => place > 0);
  rest.sort((a, b) => {
    const [x, y] = [sortValue(by, id, a), sortValue(by, id, b)];
    if (x === null || y === null) return x === y ? a - b : x === null ? 1 : -1;
    return (up ? x - y : y - x) || a - b;
  });
  return places.includes(0) ? [0, ...rest] : rest;
}

function bodyRow(by, ids, place, first) {
  const head = by === "level" || !place ? nameAt(by, place) : el("a", { href: placeLink(by, place) }, nameAt(by, place));
  const cells = ids.map((id, n) => el("td", {}, numberButton(cellAt(by, id, place), first && n === 0)));
  return el("tr", { class: place ? null : "whole" }, el("th", { scope: "row" }, head), cells);
}

/** Fill a table, in official order until a head is chosen. */
function fillTable(table, by, listing) {
  const ids = listing.ids.filter((id) => column(by, id));
  const group = groupOf(by);
  const places = placesWith(by, ids);
  const body = el("tbody", { on: { keydown: roam } });
  const heads = [headCell(group.stub, "", () => sort(null)), ...ids.map((id) => headCell(data.indicators[id].head, column(by, id).u, () => sort(id)))];
  let chosen = { id: null, up: true };
  function show() {
    const shown = sortedPlaces(by, places, chosen.id, chosen.up);
    body.replaceChildren(...shown.map((place, n) => bodyRow(by, ids, place, n === 0)));
  }
  function sort(id) {
    chosen = { id, up: chosen.id === id ? !chosen.up : id === null };
    heads.forEach((head, n) => {
      if ((n ? ids[n - 1] : null) === id) head.setAttribute("aria-sort", chosen.up ? "ascending" : "descending");
      else head.removeAttribute("aria-sort");
    });
    show();
  }
  show();
  const title = yearText(data.year) + group.each + listing.title;
  table.replaceChildren(el("caption", {}, title), el("thead", {}, el("tr", {}, heads)), body);
}

/** Give the tables that stand in the page their numbers, heads and a choice of contents. */
function enliven(section) {
  const by = section.dataset.by;
  const table = section.querySelector("table");
  const able = data.tables.filter((listing) => listing.ids.some((id) => column(by, id)));
  const options = able.map((listing, n) => el("option", { value: n }, listing.title));
  const select = el("select", { on: { change: () => fillTable(table, by, able[Number(select.value)]) } }, options);
  section.querySelector(".choose").append(el("label", {}, words.choose_table + "：" + groupOf(by).name, select));
  fillTable(table, by, able[0]);
}
