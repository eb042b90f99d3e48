// Search: part of a name finds indicators, places and departments; Enter goes there.

const entries = [
  ...Object.entries(data.indicators).map(([id, entry]) => ({ name: entry.name, kind: words.indicator, hash: "#indicator=" + id })),
  ...data.groups.filter((group) => group.by !== "level").flatMap((group) => members(group.by).map((member, n) => ({ name: member[1], kind: member[2] || group.name, hash: placeLink(group.by, n + 1) }))),
];
const SHOWN = 30;

/** Names that hold what was typed: those that begin with it first, then shorter ones. */
function matches(text) {
  const sought = text.trim().toLowerCase();
  if (!sought) return [];
  const found = entries.filter((entry) => (entry.name + " " + entry.kind).toLowerCase().includes(sought));
  const order = (entry) => (entry.name === sought ? 0 : entry.name.startsWith(sought) ? 1 : entry.name.includes(sought) ? 2 : 3);
  return found.map((entry, n) => ({ entry, n })).sort((a, b) => order(a.entry) - order(b.entry) || a.entry.name.length - b.entry.name.length || a.n - b.n).map(({ entry }) => entry).slice(0, SHOWN);
}

function enableSearch() {
  const input = byId("search");
  const list = byId("found");
  const said = byId("search-said");
  let found = [];
  let at = -1;
  function mark(n) {
    at = n;
    Array.from(list.children).forEach((item, k) => item.setAttribute("aria-selected", String(k === n)));
    if (n < 0) input.removeAttribute("aria-activedescendant");
    else {
      input.setAttribute("aria-activedescendant", "found-" + n);
      list.children[n].scrollIntoView({ block: "nearest" });
    }
  }
  function close() {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
    at = -1;
  }
  function show() {
    found = matches(input.value);
    list.replaceChildren(...found.map((entry, n) => el("li", { id: "found-" + n, role: "option", "aria-selected": "false", on: { mousedown: (event) => { event.preventDefault(); go(n); } } }, entry.name, el("small", {}, entry.kind))));
    const typed = input.value.trim();
    said.textContent = !typed ? "" : found.length ? fill(words.search_some, { count: found.length }) : fill(words.search_none, { text: typed });
    said.classList.toggle("sr", !typed || found.length > 0);
    list.hidden = !found.length;
    input.setAttribute("aria-expanded", String(found.length > 0));
    at = -1;
    input.removeAttribute("aria-activedescendant");
  }
  function go(n) {
    const entry = found[n];
    if (!entry) return;
    close();
    input.value = entry.name;
    if (location.hash === entry.hash) follow();
    else location.hash = entry.hash;
  }
  input.addEventListener("input", show);
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const last = found.length - 1;
    if (event.key === "ArrowDown" && list.hidden) show();
    else if (event.key === "ArrowDown") mark(at < last ? at + 1 : 0);
    else if (event.key === "ArrowUp") mark(at > 0 ? at - 1 : last);
    else if (event.key === "Enter") go(Math.max(at, 0));
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
  });
  byId("search-box").hidden = false;
}
