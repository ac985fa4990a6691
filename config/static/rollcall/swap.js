/* What htmx leaves to the page: say when a fragment could not be loaded, and put the focus on what a person asked for. */
"use strict";
(function () {
  function sayFailed(target) {
    const words = document.getElementById("failed");
    if (!words || !target || target.querySelector("[data-failed]")) return;
    target.prepend(words.content.cloneNode(true));
  }

  function isAsked(detail) {
    const event = detail.requestConfig && detail.requestConfig.triggeringEvent;
    return Boolean(event) && (event.type === "submit" || event.type === "click");
  }

  document.addEventListener("htmx:responseError", (event) => sayFailed(event.detail.target));
  document.addEventListener("htmx:sendError", (event) => sayFailed(event.detail.target));
  document.addEventListener("htmx:timeout", (event) => sayFailed(event.detail.target));
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.successful) event.detail.target.querySelectorAll("[data-failed]").forEach((note) => note.remove());
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    const heading = isAsked(event.detail) && event.detail.elt.querySelector("h1, h2, h3");
    if (!heading) return; // a poll never takes the focus
    heading.tabIndex = -1;
    heading.focus();
  });
})();
