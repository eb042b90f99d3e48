// A number that explains itself: a button that opens what stands behind the figure.

const about = byId("about");

/** A cell of a column with everything that is said of it. */
function cellAt(by, id, place) {
  const found = column(by, id);
  if (!found) return null;
  const state = data.states[Number(found.m[place])];
  return {
    by, id, place, text: found.v[place], unit: found.u, last: found.l[place], change: changeText(found.d[place], found.c[place], found.v[place], found.l[place], found.u),
    direction: direction(found.d[place]), covered: found.n[place], share: found.s[place], rank: found.k[place],
    of: found.of, hidden: found.h, state,
  };
}

const isGone = (text) => text === "…" || text === "x";

/** The mark of a figure that is not there, with its reason for who cannot see the mark. */
function marked(text, state) {
  if (!isGone(text)) return [text];
  return [el("span", { "aria-hidden": "true" }, text), el("span", { class: "sr" }, state.why || words.no_value)];
}

function numberButton(cell, tabbable) {
  const gone = isGone(cell.text);
  return el("button", {
    type: "button", class: gone ? "n gone" : "n", tabindex: tabbable ? "0" : "-1", "aria-haspopup": "dialog",
    title: gone ? cell.state.why : null, on: { click: () => explain(cell) },
  }, marked(cell.text, cell.state));
}

function facts(rows) {
  const shown = rows.filter(([, text]) => text);
  return el("dl", {}, shown.map(([name, text]) => [el("dt", {}, name), el("dd", {}, text)]));
}

/** What an indicator is, for the dialog and for the head of its view. */
function definitionRows(entry) {
  return [
    [words.formula, entry.formula], [words.unit, entry.unit], [words.tells, entry.tells],
    [words.not_tells, entry.not_tells], ...entry.caveats.map((text) => [words.caveats, text]),
    [words.remark, entry.note], [words.basis, entry.basis],
  ];
}

function responseText(state) {
  if (!state.rate) return words.no_register;
  return state.low ? state.rate + "（" + words.low_response + "）" : state.rate;
}

function explain(cell) {
  const entry = data.indicators[cell.id];
  const gone = isGone(cell.text);
  const whose = nameAt(cell.by, cell.place);
  byId("about-head").textContent = whose + "：" + entry.name;
  byId("about-body").replaceChildren(
    el("p", { class: "big" }, marked(cell.text, cell.state), " ", el("small", {}, cell.unit)),
    facts([
      [words.why, gone ? cell.state.why : ""],
      [words.year, yearText(data.year)],
      ...cell.state.mind.map((text) => [words.state, text]),
      [words.change, cell.change],
      [yearText(data.year - 1), cell.last && cell.last !== "…" ? cell.last + " " + cell.unit : ""],
      [words.share, cell.place ? cell.share : ""],
      [words.rank, cell.place && !gone ? (cell.rank ? rankText(cell) + "（" + rankAmong(cell) + "）" : words.not_ranked) : ""],
      [words.covered, cell.covered + " " + words.copies],
      [words.response, responseText(cell.state)],
      ...definitionRows(entry),
    ]),
    el("p", {}, el("a", { href: "#indicator=" + cell.id, on: { click: () => about.close() } }, words.by_indicator + "：" + entry.name)),
  );
  about.showModal();
}

/** Arrow keys move among the numbers of a table; one of them is a tab stop. */
function roam(event) {
  const steps = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
  const step = steps[event.key];
  const from = event.target.closest("td");
  if (!step || !from || event.altKey || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  let row = from.parentElement;
  let at = from.cellIndex + step[1];
  if (step[0]) {
    const rows = Array.from(row.parentElement.rows);
    row = rows[rows.indexOf(row) + step[0]];
    at = from.cellIndex;
  }
  const next = row && row.cells[at] && row.cells[at].querySelector(".n");
  if (!next) return;
  event.target.tabIndex = -1;
  next.tabIndex = 0;
  next.focus();
  next.scrollIntoView({ block: "nearest", inline: "nearest" });
}
