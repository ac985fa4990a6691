/* A button beside a text that takes it to the clipboard. Without scripts the button is not there, and the text can be marked and copied. */
"use strict";
document.querySelectorAll("button[data-copy]").forEach((button) => {
  const text = document.getElementById(button.dataset.copy);
  if (!text || !navigator.clipboard) return; // the browser offers it only over https and on loopback
  button.hidden = false;
  button.setAttribute("aria-live", "polite");
  button.addEventListener("click", () => navigator.clipboard.writeText(text.value).then(
    () => { button.textContent = button.dataset.copied; },
    () => { text.focus(); text.select(); },
  ));
});
