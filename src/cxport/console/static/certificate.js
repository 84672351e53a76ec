// The certificate page: a file can be dropped, and the command copied.
(() => {
  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("[data-copy]").forEach((button) => {
      button.hidden = !navigator.clipboard;
      button.addEventListener("click", async () => {
        await navigator.clipboard.writeText(document.querySelector(button.dataset.copy).textContent);
        button.querySelector("span").textContent = button.dataset.copied;
      });
    });
  });
  const place = (event) => event.target.closest?.("[data-drop]");
  ["dragenter", "dragover"].forEach((name) => document.addEventListener(name, (event) => {
    if (!place(event)) return;
    event.preventDefault();
    place(event).classList.add("console-dropping");
  }));
  document.addEventListener("dragleave", (event) => place(event)?.classList.remove("console-dropping"));
  document.addEventListener("drop", (event) => {
    const found = place(event);
    if (!found) return;
    event.preventDefault();
    found.classList.remove("console-dropping");
    const field = found.querySelector("input[type=file]");
    field.files = event.dataTransfer.files;
    if (field.files.length) field.form.requestSubmit();
  });
})();
