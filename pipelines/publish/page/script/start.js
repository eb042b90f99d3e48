// Where the page goes: its address names an indicator or a place, so that it can be passed on.

/** What the address says after its #, as text; "" where that cannot be read. */
function address() {
  try {
    return decodeURIComponent(location.hash.slice(1));
  } catch (error) {
    if (error instanceof URIError) return "";
    throw error;
  }
}

const has = (object, name) => Object.prototype.hasOwnProperty.call(object, name);

/** Show what the address names; false where it names nothing of ours. */
function follow() {
  const [kind, name] = address().split("=");
  const place = kind === "place" && name ? name.split(":") : [];
  if (kind === "indicator" && has(data.indicators, name)) {
    showIndicator(name);
    return goTo("by-indicator");
  }
  if (place.length === 2 && has(data.members, place[0]) && placeOf(place[0], place[1])) {
    showPlace(place[0], placeOf(place[0], place[1]));
    return goTo("by-place");
  }
  return false;
}

function goTo(id) {
  byId(id).scrollIntoView();
  byId(id + "-head").focus({ preventScroll: true });
  return true;
}

overview();
showIndicator(data.start);
if (members("prefecture") && members("prefecture").length) showPlace("prefecture", 1);
document.querySelectorAll(".data").forEach(enliven);
enableSearch();
window.addEventListener("hashchange", follow);
follow();
