// The files of the page, one after the other: each link as if it had been clicked, none in a window
// of its own. A second between two lets the browser take each as a download.
(() => {
  const links = [...document.querySelectorAll("[data-download]")];
  const state = document.querySelector("[data-downloads-state]");
  const start = (index) => {
    if (index === links.length) return;
    links[index].click();
    state.textContent = state.dataset.text.replace("#", index + 1);
    setTimeout(start, 1000, index + 1);
  };
  // a page that was come back to starts nothing again
  if (performance.getEntriesByType("navigation")[0]?.type === "navigate") start(0);
})();
