// Fills in the browser's time zone where the person has not chosen one.
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
for (const field of document.querySelectorAll("[data-time-zone]")) {
  if (!field.value && zone) field.value = zone;
}
