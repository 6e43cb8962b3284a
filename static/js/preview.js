// A live preview: an iframe with data-preview="#form" shows its address with the form's values, as they are typed.
for (const frame of document.querySelectorAll("iframe[data-preview]")) {
  const form = document.querySelector(frame.dataset.preview);
  if (!form) continue;
  const address = new URL(frame.src, location.href);
  let timer;
  const show = () => {
    const values = new URLSearchParams();
    for (const [name, value] of new FormData(form)) {
      if (typeof value === "string" && name !== "csrfmiddlewaretoken") values.append(name, value);
    }
    address.search = values;
    frame.contentWindow.location.replace(address); // replace: typing must not fill the history
  };
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(show, 500);
  });
}
