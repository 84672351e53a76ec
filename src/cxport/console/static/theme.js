// Before the first paint: that scripts run, and the theme, which only a script can take from the system.
(() => {
  const root = document.documentElement;
  root.classList.add("scripts");
  if (root.dataset.theme !== "auto") return;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const follow = () => root.setAttribute("data-bs-theme", dark.matches ? "dark" : "light");
  dark.addEventListener("change", follow);
  follow();
})();
