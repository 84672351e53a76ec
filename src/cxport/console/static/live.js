// What changes is shown where it stands; what was ticked, typed or in focus stays so.
// A run that goes on is told by the server, drawn. Only where something is new or has ended is a
// part of the page asked for again, and never more often than SPACING; without a stream, seldom.
(() => {
  const SPACING = 3000, SELDOM = 30000;
  const place = () => document.querySelector("[data-live]");
  if (!place()) return;
  // What was told of each item. The first that a stream tells is what the page shows already, but
  // for what came between the two; the clocks of servers may differ, so that alone is not asked.
  const known = new Map();
  let stream, planned, seldom, settled = false, refreshed = 0;

  const refresh = async () => {
    planned = undefined;
    const here = place();
    // what somebody has unfolded, they read
    if (!here || document.hidden || here.querySelector("details[open]")) return;
    refreshed = Date.now();
    const part = `#${here.id}`;
    await htmx.ajax("GET", location.pathname + location.search, {
      source: here, target: part, select: part, swap: "outerMorph", headers: { "cxport-unasked": "true" },
    });
  };
  const plan = () => {
    planned ??= setTimeout(refresh, Math.max(300, refreshed + SPACING - Date.now()));
  };

  const draw = (kind, id, html) => {
    document.querySelectorAll(`[data-live-${kind}="${id}"]`).forEach((spot) => {
      if (spot.drawn !== html) spot.innerHTML = html;
      spot.drawn = html;
    });
  };
  const told = (event) => {
    const item = JSON.parse(event.data);
    if (event.type === "run") {
      draw("state", item.id, item.state);
      draw("pace", item.id, item.pace);
    }
    const here = place();
    if (!here) return;
    const key = event.type + item.id;
    const changed = known.has(key) ? known.get(key) !== item.at : settled || item.at > Number(here.dataset.liveAt);
    known.set(key, item.at);
    const mine = here.dataset.liveRun;
    if (mine ? event.type === "run" && mine === String(item.id) : changed) plan();
  };

  const watch = () => {
    clearInterval(seldom);
    stream = new EventSource(`${document.body.dataset.prefix}/live`);
    stream.addEventListener("open", () => setTimeout(() => { settled = true; }, SPACING));
    stream.addEventListener("run", told);
    stream.addEventListener("job", told);
    stream.addEventListener("error", () => {
      // it comes back by itself, unless it was refused
      if (stream.readyState === EventSource.CLOSED) seldom = setInterval(refresh, SELDOM);
    });
  };
  // a page that nobody sees asks for nothing, and takes no connection from the others
  const look = (again) => {
    stream?.close();
    clearInterval(seldom);
    if (document.hidden) return;
    watch();
    if (again) plan();
  };
  document.addEventListener("visibilitychange", () => look(true));
  addEventListener("pagehide", () => stream?.close());
  addEventListener("pageshow", (event) => { if (event.persisted) look(true); });
  look(false);
})();
