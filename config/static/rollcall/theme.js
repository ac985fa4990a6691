/* Auto, light or dark: set before the first paint, kept in this browser under the name Django's admin uses too. */
"use strict";
(function () {
  const root = document.documentElement;
  const known = ["auto", "light", "dark"];

  function stored() {
    try { return localStorage.getItem("theme"); } catch { return null; } // storage may be switched off
  }

  function show(choice) {
    root.dataset.theme = choice;
    document.querySelectorAll("[data-theme-set]").forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.themeSet === choice)));
  }

  function choose(choice) {
    try { localStorage.setItem("theme", choice); } catch { /* then it lasts for this page */ }
    show(choice);
  }

  const first = known.includes(stored()) ? stored() : "auto";
  show(first);
  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("[data-theme-choice]").forEach((group) => { group.hidden = false; });
    document.querySelectorAll("[data-theme-set]").forEach((button) => button.addEventListener("click", () => choose(button.dataset.themeSet)));
    show(root.dataset.theme);
  });
})();
