// The county units as squares near their places; no boundary is drawn.

/** Arrow keys go to the next square in that direction. */
function stroll(event) {
  const steps = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
  const step = steps[event.key];
  const from = event.target.closest(".tile");
  if (!step || !from) return;
  event.preventDefault();
  const [row, col] = [Number(from.dataset.row), Number(from.dataset.col)];
  const ahead = Array.from(event.currentTarget.querySelectorAll(".tile")).map((tile) => {
    const [down, right] = [Number(tile.dataset.row) - row, Number(tile.dataset.col) - col];
    const [along, aside] = step[0] ? [down * step[0], Math.abs(right)] : [right * step[1], Math.abs(down)];
    return { tile, along, far: along + 2 * aside };
  }).filter((each) => each.along > 0);
  if (!ahead.length) return;
  const next = ahead.reduce((best, each) => (each.far < best.far ? each : best)).tile;
  from.tabIndex = -1;
  next.tabIndex = 0;
  next.focus();
}

function tile([code, label, row, col], id, own, first) {
  const place = placeOf("county", code);
  const cell = cellAt("county", id, place);
  const shade = column("county", id).q[place];
  const kind = isGone(cell.text) ? "gone" : shade === "z" ? "zero" : "k" + shade;
  const said = nameAt("county", place) + "：" + (isGone(cell.text) ? cell.state.why : cell.text + " " + cell.unit + (cell.rank ? "，" + rankText(cell) : ""));
  const made = el("button", {
    type: "button", class: "tile " + kind + (own === place ? " own" : ""), tabindex: first ? "0" : "-1", title: said, "aria-label": said,
    "data-row": row, "data-col": col, on: { click: () => { location.hash = placeLink("county", place); } },
  }, label, el("b", {}, isGone(cell.text) ? el("span", {}, cell.text) : cell.text));
  made.style.gridRow = row + 1;
  made.style.gridColumn = col + 1;
  return made;
}

/** The classes of the shades, and what hatched and white squares mean. */
function tileKey(id) {
  const found = column("county", id);
  const shown = found.q.slice(1);
  const entries = found.b.map((name, n) => ["k" + n, name]);
  if (found.z) entries.unshift(["zero", words.zero]);
  if (found.v.includes("…")) entries.push(["gone", "… " + words.no_value]);
  if (found.v.includes("x")) entries.push(["gone", "x " + words.hidden_value]);
  return el("ul", { class: "key" }, el("li", {}, found.u), shown ? entries.map(([kind, name]) => el("li", {}, el("span", { class: "tile " + kind, "aria-hidden": "true" }), name)) : "");
}

/** What was counted for units that sit in no county. */
function elsewhere(id) {
  const squares = new Set(data.tiles.map((each) => each[0]));
  const found = column("county", id);
  const names = members("county").map((member, n) => [member, found.v[n + 1]])
    .filter(([member, text]) => !squares.has(member[0]) && text !== "…").map(([member, text]) => member[1] + " " + text + (text === "x" ? "" : " " + found.u));
  return names.length ? el("p", { class: "hint" }, fill(words.elsewhere, { names: names.join("、") })) : "";
}

function tileMap(id, own) {
  if (!data.tiles.length || !column("county", id)) return "";
  const title = (own ? nameAt("county", own) + "：" : "") + words.tile_title + "：" + data.indicators[id].name;
  const grid = el("div", { class: "grid", role: "group", "aria-label": title, on: { keydown: stroll } }, data.tiles.map((each, n) => tile(each, id, own, n === 0)));
  grid.style.gridTemplateColumns = "repeat(" + (Math.max(...data.tiles.map((each) => each[3])) + 1) + ", 1fr)";
  const details = el("details", {}, el("summary", {}, words.chart_table, el("span", { class: "sr" }, "：" + title)));
  details.addEventListener("toggle", () => { if (details.open && details.children.length === 1) details.append(barTable(title, "county", id)); });
  return el("figure", { class: "full" }, el("figcaption", {}, el("h3", {}, (!own && data.indicators[id].lead.county.title) || title), el("p", {}, own || !data.indicators[id].lead.county.title ? words.tile_note : title + "。" + words.tile_note)),
    tileKey(id), el("div", { class: "tiles", role: "region", tabindex: "0", "aria-label": title }, grid), elsewhere(id), data.indicators[id].lead.county.notes.map((note) => el("p", { class: "hint" }, note)), details);
}
