// The job editor.
(() => {
  // What a cron expression means, where the page's own words only repeat it.
  const tell = () => document.querySelectorAll("[data-cron]:empty").forEach((place) => {
    const options = { locale: document.documentElement.lang, use24HourTimeFormat: true };
    try { place.textContent = cronstrue.toString(place.dataset.cron, options); } catch { place.textContent = " "; }
  });
  document.addEventListener("DOMContentLoaded", tell);
  document.addEventListener("htmx:after:swap", tell);

  // What is typed while the form is on its way is in the one that comes back, too.
  const places = () => [...document.querySelectorAll("#job-form .form-control[id]:not([id^=filter_])")];
  const isForm = (event) => event.detail.ctx.target?.id === "job-form";
  let sent = new Map();
  let typed = [];
  document.addEventListener("htmx:before:request", (event) => {
    if (isForm(event)) sent = new Map(places().map((place) => [place.id, place.value]));
  });
  document.addEventListener("htmx:before:swap", (event) => {
    if (!isForm(event)) return;
    typed = places().filter(({ id, value }) => sent.has(id) && sent.get(id) !== value).map(({ id, value }) => [id, value]);
  });
  document.addEventListener("htmx:after:swap", () => {
    typed.forEach(([id, value]) => { const place = document.getElementById(id); if (place) place.value = value; });
    typed = [];
  });
})();
