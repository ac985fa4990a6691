/* Keys for people who work through lists: / find, j k or arrows for rows, 1–9 for a column, letters on buttons, ? for help.
   All of it can be turned off (WCAG 2.1.4); the choice stays in this browser. Pages mark rows with data-row and buttons with data-key. */
"use strict";
(function () {
  const STORE = "rollcall.keys";

  function isOn() {
    try { return localStorage.getItem(STORE) !== "off"; } catch { return true; }
  }

  function turn(on) {
    try { localStorage.setItem(STORE, on ? "on" : "off"); } catch { /* then it lasts for this page */ }
    showHints(on);
  }

  function showHints(on) {
    document.querySelectorAll("[data-keys-hint]").forEach((hint) => { hint.hidden = !on && hint.tagName === "KBD"; });
  }

  function isTyping(target) {
    return target.closest("input:not([type=radio]):not([type=checkbox]), textarea, select, [contenteditable]") !== null;
  }

  function rows() {
    return Array.from(document.querySelectorAll("main [data-row]")).filter((row) => row.offsetParent !== null);
  }

  function step(by) {
    const all = rows();
    if (!all.length) return false;
    const at = all.findIndex((row) => row === document.activeElement || row.contains(document.activeElement));
    const next = all[at === -1 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + by, 0), all.length - 1)];
    const field = next.querySelector("input[type=radio]:checked, input[type=radio]");
    if (!field) next.tabIndex = -1;
    (field || next).focus();
    next.scrollIntoView({ block: "nearest" });
    return true;
  }

  function choose(digit) {
    const row = document.activeElement.closest("[data-row]");
    const field = row && row.querySelectorAll("input[type=radio]")[digit - 1];
    if (!field) return false;
    field.click();
    field.focus();
    return true;
  }

  function open() {
    const row = document.activeElement.closest("[data-row]");
    const link = row && row === document.activeElement && row.querySelector("a[href]");
    if (!link) return false;
    link.click();
    return true;
  }

  function press(key) {
    const button = document.querySelector(`main [data-key="${CSS.escape(key)}"]:not([disabled])`);
    if (!button) return false;
    button.click();
    return true;
  }

  /* Of several answers Enter in the reason gives the one that was pressed before it, never simply the first. */
  function remember(button) {
    const pressed = button && button.form && button.form.querySelector("[data-pressed]");
    if (!pressed || pressed === button) return;
    [pressed.name, pressed.value, pressed.disabled] = [button.name, button.value, false];
  }

  function showHelp() {
    const help = document.getElementById("keys");
    if (!help || help.open) return false;
    help.showModal();
    return true;
  }

  function find() {
    const field = document.getElementById("find");
    if (!field) return false;
    field.focus();
    field.select();
    return true;
  }

  const ACTIONS = { "/": find, "?": showHelp, j: () => step(1), k: () => step(-1), ArrowDown: () => step(1), ArrowUp: () => step(-1), Enter: open };

  function act(key, target) {
    if (key.startsWith("Arrow") && !target.closest("[data-row]")) return false; // elsewhere they scroll
    if (key.length === 1 && press(key.toLowerCase())) return true; // a page's own letter comes before ours
    if (/^[1-9]$/.test(key)) return choose(Number(key));
    return key in ACTIONS && ACTIONS[key]();
  }

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.key === "Escape") closePanels(event.target);
    if (!isOn() || isTyping(event.target) || document.querySelector("dialog[open]")) return;
    if (act(event.key, event.target)) event.preventDefault();
  });

  function closePanels(target) {
    document.querySelectorAll("details.rc-user[open]").forEach((panel) => {
      panel.open = false;
      if (panel.contains(target)) panel.querySelector("summary").focus();
    });
    if (location.hash === "#menu") location.hash = "#content-start";
  }

  document.addEventListener("click", (event) => {
    document.querySelectorAll("details.rc-user[open]").forEach((panel) => { if (!panel.contains(event.target)) panel.open = false; });
    remember(event.target.closest("form.rc-decide button"));
    if (event.target.closest("[data-keys-open]")) showHelp();
    if (event.target.closest("[data-keys-close]")) event.target.closest("dialog").close();
  });

  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-keys-switch]")) turn(event.target.checked);
  });

  document.querySelectorAll("[data-keys-hint]").forEach((hint) => { hint.hidden = false; });
  document.querySelectorAll("[data-keys-switch]").forEach((box) => { box.checked = isOn(); });
  showHints(isOn());
})();
