// Shows the document that the page names; the address may not name another one.
const page = document.getElementById("page");
SwaggerUIBundle({
  url: page.dataset.document,
  domNode: page,
  deepLinking: true,
  queryConfigEnabled: false,
  validatorUrl: null,
});
