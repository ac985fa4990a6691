/* What htmx leaves to the page: say when a fragment could not be loaded, or the session has ended; put the focus on what a person asked for.
   A form marked data-keep is sent only while somebody is signed in, so that what was typed is not lost to the sign-in page. */
"use strict";
(function () {
  function sayFailed(target, name = "failed") {
    const words = document.getElementById(name);
    if (!words || !target || target.querySelector("[data-failed]")) return;
    target.prepend(words.content.cloneNode(true));
  }

  function isSignIn(address) {
    return new URL(address, location.href).pathname.endsWith("/login/");
  }

  /* Whether somebody is signed in; then the form gets the token of that session, which may be a newer one. */
  async function renew(form) {
    const answer = await fetch(location.href, { credentials: "same-origin" });
    if (isSignIn(answer.url)) return false;
    const field = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector(`#${CSS.escape(form.id)} [name=csrfmiddlewaretoken]`);
    if (field) form.querySelector("[name=csrfmiddlewaretoken]").value = field.value;
    return true;
  }

  const known = new WeakSet();

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("form[data-keep]") || known.delete(form)) return;
    event.preventDefault();
    const button = event.submitter;
    const send = () => { known.add(form); form.requestSubmit(button); };
    renew(form).then((is_here) => {
      if (is_here) return send();
      form.querySelectorAll("[data-failed]").forEach((note) => note.remove());
      sayFailed(form, "signed-out");
      form.querySelector("[data-failed] a").focus();
    }, send); // the network is away: the browser says so better than we could
  });

  document.addEventListener("htmx:beforeSwap", (event) => {
    if (!isSignIn(event.detail.xhr.responseURL || location.href) || isSignIn(location.href)) return;
    event.detail.shouldSwap = false;
    sayFailed(event.detail.target, "signed-out");
  });

  function isAsked(detail) {
    const event = detail.requestConfig && detail.requestConfig.triggeringEvent;
    return Boolean(event) && (event.type === "submit" || event.type === "click");
  }

  document.addEventListener("htmx:responseError", (event) => {
    sayFailed(event.detail.target);
    const form = event.detail.target.closest("form[data-keep]");
    if (form && event.detail.xhr.status === 403) renew(form); // signed in again elsewhere: the next try brings the new token
  });
  document.addEventListener("htmx:sendError", (event) => sayFailed(event.detail.target));
  document.addEventListener("htmx:timeout", (event) => sayFailed(event.detail.target));
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.successful && !isSignIn(event.detail.xhr.responseURL || location.href)) event.detail.target.querySelectorAll("[data-failed]").forEach((note) => note.remove());
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    const heading = isAsked(event.detail) && event.detail.elt.querySelector("h1, h2, h3");
    if (!heading) return; // a poll never takes the focus
    heading.tabIndex = -1;
    heading.focus();
  });
})();
