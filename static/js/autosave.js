// A form with data-autosave="key" keeps what was typed in this browser until it is sent, so a closed tab loses nothing.
export const startAutosave = (form) => {
  const key = `atelier-draft-${form.dataset.autosave}`;
  const fields = () => [...form.elements].filter((el) => el.matches("textarea, input[type=text], input:not([type])"));
  let draft = {};
  try {
    draft = JSON.parse(localStorage.getItem(key)) ?? {};
  } catch {
    return; // no storage, no drafts
  }
  for (const field of fields()) if (!field.value && draft[field.name]) field.value = draft[field.name];
  form.addEventListener("input", () => {
    const values = Object.fromEntries(fields().map((field) => [field.name, field.value]));
    try {
      localStorage.setItem(key, JSON.stringify(values));
    } catch {
      // a full storage must not disturb the typing
    }
  });
  form.addEventListener("submit", () => localStorage.removeItem(key));
};
