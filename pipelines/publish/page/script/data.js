// The data of the page, and the few functions everything else is built from.
// Figures come as text, rounded and marked; nothing here works out a figure that is shown.

const data = JSON.parse(document.getElementById("data").textContent);
const words = data.words;
const byId = (id) => document.getElementById(id);
const groupOf = (by) => data.groups.find((group) => group.by === by);

/** Fill {name} in a sentence. */
function fill(text, facts) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in facts ? facts[name] : whole));
}

/** An element; text is always text, never markup. */
function el(tag, properties, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "on") Object.entries(value).forEach(([type, act]) => made.addEventListener(type, act));
    else made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== ""));
  return made;
}

const yearText = (year) => fill(words.this_year, { year });

const SPLIT = ["v", "l", "c", "n", "m", "s", "k"];
const unpacked = new Map();

/** One indicator over the members of a breakdown; the province stands at place 0. */
function column(by, id) {
  const key = by + " " + id;
  if (!unpacked.has(key)) {
    const packed = data.columns[by] && data.columns[by][id];
    if (!packed) return null;
    const made = Object.assign({}, packed);
    SPLIT.forEach((name) => { made[name] = packed[name].split("|"); });
    unpacked.set(key, made);
  }
  return unpacked.get(key);
}

const members = (by) => data.members[by];
const nameAt = (by, place) => (place ? members(by)[place - 1][1] : words.province);
const placeOf = (by, id) => members(by).findIndex((member) => member[0] === id) + 1;

/** A printed figure as a number, for sorting and drawing; null where there is none. */
function amount(text) {
  const plain = text.replace(/[,%]/g, "").replace("\u2212", "-").replace(/^\+/, "");
  return plain !== "" && plain !== "-" && Number.isFinite(Number(plain)) ? Number(plain) : null;
}

/** The change on the year before in words; texts, unit and kind as a column has them. */
function changeText(kind, amountText, now, last, unit) {
  const told = { f: words.flat, b: words.broken, x: words.hidden_last, n: words.no_last };
  const before = unit.split("/")[0];
  if (kind === "U") return fill(words.from_to_up, { last: last + before, this: now + before });
  if (kind === "D") return fill(words.from_to_down, { last: last + before, this: now + before });
  return told[kind] || amountText;
}

/** Up, down or neither, whatever the kind of change. */
const direction = (kind) => ({ u: "up", U: "up", d: "down", D: "down" })[kind] || null;

/** The place in words: 第3位, 并列第3位, or 第3—5位 where two whose figures are withheld may stand before it. */
function rankText(cell) {
  if (!cell.rank) return words.not_ranked;
  const rank = parseInt(cell.rank, 10);
  if (cell.hidden) return fill(words.rank_span, { rank, last: rank + cell.hidden });
  return fill(cell.rank.endsWith("=") ? words.rank_tied : words.rank_of, { rank });
}

/** Among how many a place is given. */
function rankAmong(cell) {
  const among = fill(words.rank_among, { count: cell.of, group: groupOf(cell.by).name });
  return cell.hidden ? among + "，" + fill(words.rank_hidden, { count: cell.hidden }) : among;
}
