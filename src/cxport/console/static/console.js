// What makes the console nicer; everything works without it.
(() => {
  // The zone of the browser, unless another one was chosen; pages show times in it.
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone && !/(^|; )cxport-zone=/.test(document.cookie)) {
    const secure = location.protocol === "https:" ? "; secure" : "";
    document.cookie = `cxport-zone=${zone}; path=/; max-age=31536000; samesite=lax${secure}`;
  }

  // Lists: the buttons wait for a selection, and say how much is selected.
  const boxes = (form) => [...form.querySelectorAll("input[name=ids]")];
  const show = (form) => {
    const chosen = boxes(form).filter((box) => box.checked).length;
    form.querySelectorAll("[data-needs-selection]").forEach((button) => {
      button.disabled = chosen === 0;
    });
    form.querySelectorAll("[data-selected-count]").forEach((place) => {
      place.textContent = chosen ? place.dataset.text.replace("#", chosen) : "";
    });
    form.querySelectorAll("[data-select-all]").forEach((all) => {
      all.hidden = false;
      all.checked = chosen > 0 && chosen === boxes(form).length;
      all.indeterminate = chosen > 0 && !all.checked;
    });
  };
  const showAll = () => document.querySelectorAll("[data-selects]").forEach(show);
  document.addEventListener("change", (event) => {
    const form = event.target.closest?.("[data-selects]");
    if (!form) return;
    if (event.target.matches("[data-select-all]")) {
      boxes(form).forEach((box) => { box.checked = event.target.checked; });
    }
    show(form);
  });
  document.addEventListener("htmx:after:swap", showAll);
  // back and forward bring a page with its ticks
  addEventListener("pageshow", showAll);

  // Copying: only a script can, so its buttons wait for one.
  const showCopies = () => document.querySelectorAll("[data-copy]").forEach((button) => { button.hidden = false; });
  if (navigator.clipboard) document.addEventListener("htmx:after:swap", showCopies);
  document.addEventListener("click", async (event) => {
    const button = event.target.closest?.("[data-copy]");
    if (!button) return;
    await navigator.clipboard.writeText(button.dataset.copy);
    const label = button.title;
    button.title = button.dataset.copied;
    button.setAttribute("aria-label", button.dataset.copied);
    button.classList.add("text-green");
    setTimeout(() => {
      button.title = label;
      button.setAttribute("aria-label", label);
      button.classList.remove("text-green");
    }, 2000);
  });
  // the clipboard is there over TLS and on this machine only
  if (navigator.clipboard) showCopies();

  // Where tabs or sections do not all fit, the one that is open is in sight.
  document.querySelectorAll("nav [aria-current=page]").forEach((link) => {
    const nav = link.closest("nav");
    nav.scrollLeft += link.getBoundingClientRect().left - nav.getBoundingClientRect().left - 16;
  });

  // Menus close when somebody clicks elsewhere, or presses Escape.
  const menus = () => document.querySelectorAll("details.console-menu[open]");
  document.addEventListener("click", (event) => {
    menus().forEach((menu) => { menu.open = menu.contains(event.target); });
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    menus().forEach((menu) => { menu.open = false; menu.querySelector("summary").focus(); });
  });
})();
