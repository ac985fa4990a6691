/* Django's change lists on a phone: each cell takes its column's name along, so that a row can become a card; filters start closed. */
"use strict";
(function () {
  // the two-box widget names its hints on a plain span, where a name is not allowed
  addEventListener("load", () => document.querySelectorAll("span.help-tooltip[aria-label]").forEach((hint) => hint.setAttribute("role", "img")));

  const table = document.getElementById("result_list");
  if (matchMedia("(max-width: 960px)").matches) document.querySelectorAll("#changelist-filter details").forEach((filter) => { filter.open = false; });
  if (!table) return;
  const names = Array.from(table.querySelectorAll("thead th"), (cell) => (cell.querySelector(".text") || cell).textContent.trim());
  table.querySelectorAll("tbody tr").forEach((row) => {
    Array.from(row.children).forEach((cell, index) => {
      if (cell.tagName === "TD" && names[index] && !cell.classList.contains("action-checkbox")) cell.dataset.k = names[index];
    });
    if (row.querySelector("a[href]")) row.dataset.row = "";
  });
})();
