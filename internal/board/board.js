// Renews the board in place, part by part and only what changed, so that the focus, what is unfolded and the place on
// the page stay, and a screen reader hears an alert once.
"use strict";
const parts = page => page.querySelectorAll("[data-part]");
const clock = zone => new Intl.DateTimeFormat("en-GB", {weekday: "short", hour: "2-digit", minute: "2-digit", timeZoneName: zone});
const [plain, zoned] = [clock(undefined), clock("short")];

// Who stands before a wall thinks in the time of its place. The head of the page tells the zone.
function localize(page) {
  for (const t of page.querySelectorAll("time")) {
    t.textContent = ("zone" in t.dataset ? zoned : plain).format(new Date(t.dateTime)).replace(",", "");
  }
}

async function read() {
  // Without the address's user and password, which fetch refuses: the browser sends them by itself.
  const address = location.origin + location.pathname + location.search;
  const answer = await fetch(address, {cache: "no-store", signal: AbortSignal.timeout(30000)});
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (!page.getElementById("next")) throw new Error("not the board"); // a login page, say
  return page;
}

function show(page) {
  document.title = page.title;
  for (const unfolded of document.querySelectorAll("details[open]")) page.getElementById(unfolded.id)?.setAttribute("open", "");
  for (const part of parts(document)) {
    const html = page.getElementById(part.id).innerHTML;
    if (part.innerHTML === html) continue;
    const focused = part.contains(document.activeElement) && document.activeElement;
    part.innerHTML = html;
    if (focused) (document.getElementById(focused.id) ?? part).focus({preventScroll: true});
  }
}

function lost(error) {
  const blind = document.getElementById("blind");
  const text = "The exporter does not answer. What is below is old.";
  document.title = "⚠ not renewed – WhatsApp SLA board";
  if (blind.textContent === text) return;
  blind.replaceChildren(Object.assign(document.createElement("p"), {textContent: text, title: String(error)}));
}

async function renew() {
  try {
    const page = await read();
    localize(page);
    show(page);
  } catch (error) {
    lost(error);
  }
  setTimeout(renew, wait);
}

const wait = Number(document.body.dataset.refresh) * 1000;
localize(document);
setTimeout(renew, wait);
