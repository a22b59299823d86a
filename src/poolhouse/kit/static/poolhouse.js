// Everything here is a convenience: without it forms still post, menus and dialogs still open (the browser does that).
"use strict";
(() => {
  const on = (type, selector, act) => document.addEventListener(type, (event) => {
    const found = event.target.closest?.(selector);
    if (found) act(found, event);
  });
  const by = (id) => document.getElementById(id);

  // Copy: the clipboard API is missing on plain http, and may be refused; selecting and copying works everywhere.
  const copyOldWay = (text) => {
    const area = document.createElement("textarea");
    area.value = text;
    area.className = "visually-hidden";
    (document.querySelector("dialog[open]") ?? document.body).append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  };
  const copy = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      return copyOldWay(text);
    }
  };
  on("click", "[data-copy]", async (button) => {
    const source = by(button.dataset.copy);
    const text = source.dataset.secret ?? source.value ?? source.textContent;
    const live = button.nextElementSibling, word = button.querySelector("[data-copy-word]");
    if (word) word.dataset.first ??= word.firstChild.data;
    const say = (done) => {
      live.textContent = done ? button.dataset.copied : "";
      if (word) word.firstChild.data = done ? button.dataset.copied : word.dataset.first;
      button.classList.toggle("copied", done);
    };
    if (await copy(text)) {
      say(true);
      button.focus();
      clearTimeout(button.timer);
      button.timer = setTimeout(say, 2000, false);
    } else {
      live.textContent = button.dataset.failed;
      source.select?.();
    }
  });

  on("click", "[data-reveal]", (button) => {
    const input = by(button.dataset.reveal), word = button.firstChild, shown = button.classList.toggle("shown");
    [word.data, button.dataset.word] = [button.dataset.word, word.data];
    if (input.dataset.secret === undefined) input.type = shown ? "text" : "password";
    else input.value = shown ? input.dataset.secret : "\u2022".repeat(24);
  });
  // A password that was shown is sent, and kept by the browser, as a password.
  document.addEventListener("submit", (event) => {
    for (const button of event.target.querySelectorAll("[data-reveal].shown")) button.click();
  });

  // Rows: a new one gets ids of its own.
  let made = 0;
  on("click", "[data-add-row]", (button) => {
    const group = button.closest("[data-rows]"), list = group.querySelector("[data-rows-list]");
    const row = group.querySelector("template").content.cloneNode(true);
    made += 1;
    for (const name of ["id", "for"]) {
      for (const element of row.querySelectorAll(`[${name}]`)) element.setAttribute(name, `${element.getAttribute(name)}-${made}`);
    }
    list.append(row);
    list.lastElementChild.querySelector("input").focus();
  });
  on("click", "[data-remove-row]", (button) => {
    const row = button.closest("[data-row]"), group = row.closest("[data-rows]");
    const next = row.nextElementSibling ?? row.previousElementSibling;
    row.remove();
    (next?.querySelector("input") ?? group.querySelector("[data-add-row]")).focus();
  });

  // Typed to confirm.
  const confirmed = (input) => {
    const submit = input.form.querySelector("[type=submit]");
    submit.disabled = input.value.trim() !== input.dataset.confirms;
  };
  for (const input of document.querySelectorAll("[data-confirms]")) confirmed(input);
  on("input", "[data-confirms]", confirmed);

  // Browsers that do not know command and commandfor yet.
  if (!("command" in HTMLButtonElement.prototype)) {
    on("click", "[commandfor]", (button) => {
      const dialog = by(button.getAttribute("commandfor"));
      if (button.getAttribute("command") === "close") dialog.close();
      else dialog.showModal();
    });
  }
  // A menu is done with once something in it was chosen.
  on("click", ".menu-list a, .menu-list button", (item) => item.closest(".menu-list").hidePopover?.());

  on("click", "[data-theme-switch]", () => {
    const root = document.documentElement;
    const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
    const wanted = (root.dataset.theme ?? system) === "dark" ? "light" : "dark";
    if (wanted === system) delete root.dataset.theme;
    else root.dataset.theme = wanted;
    try {
      if (wanted === system) localStorage.removeItem("theme");
      else localStorage.setItem("theme", wanted);
    } catch { /* not kept, yet switched */ }
  });

  // A table that is wider than its window is moved by keys, where nothing within it takes them.
  for (const each of document.querySelectorAll(".table-scroll")) {
    if (each.scrollWidth <= each.clientWidth || each.querySelector("a, button, input, select")) continue;
    each.tabIndex = 0;
    each.role = "region";
    each.ariaLabel = each.querySelector("caption").textContent;
  }

  const passing = (toast) => setTimeout(() => toast.remove(), 6000);
  for (const toast of document.querySelectorAll("[data-toast]")) passing(toast);

  // Pressed twice is sent once; coming back to the page makes its forms usable again.
  const sent = new WeakSet();
  document.addEventListener("submit", (event) => {
    if (event.defaultPrevented || event.submitter?.hasAttribute("data-previews")) return;
    if (sent.has(event.target)) event.preventDefault();
    else {
      sent.add(event.target);
      setTimeout(() => sent.delete(event.target), 3000);
    }
  });
})();
