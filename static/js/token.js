// The mark that proves a form to be ours changes with a sign-in, also with one in another tab; what is sent has the newest.
export const newest = () => document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1];

addEventListener(
  "submit",
  ({ target }) => {
    const mark = newest();
    for (const field of target.querySelectorAll("input[name=csrfmiddlewaretoken]")) if (mark) field.value = mark;
  },
  { capture: true },
);

document.addEventListener("htmx:configRequest", ({ detail }) => {
  if (newest()) detail.headers["X-CSRFToken"] = newest();
});
