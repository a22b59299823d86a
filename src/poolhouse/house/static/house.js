// What only Admin Settings has; without it everything is done by a button.
"use strict";
(() => {
  const on = (type, selector, act) => document.addEventListener(type, (event) => {
    const found = event.target.closest?.(selector);
    if (found) act(found);
  });

  // A chosen file as text, for forms that are sent as text.
  on("change", "[data-file-into]", (input) => {
    // A file that is too large is not read: the form would be refused as a whole.
    const [file, limit] = [input.files[0], Number(input.dataset.limit)];
    input.parentElement.querySelector("[data-too-large]")?.remove();
    input.removeAttribute("aria-invalid");
    if (file && file.size > limit) {
      const said = document.createElement("p");
      said.className = "field-error";
      said.role = "alert";
      said.dataset.tooLarge = "";
      said.textContent = `The picture has ${Math.ceil(file.size / 1024)} KB; at most ${limit / 1024} are taken.`;
      input.after(said);
      input.setAttribute("aria-invalid", "true");
      input.value = "";
      return;
    }
    const reader = new FileReader();
    reader.onload = () => {
      const into = document.getElementById(input.dataset.fileInto);
      into.value = reader.result;
      into.dispatchEvent(new Event("input", { bubbles: true }));
    };
    if (input.files[0]) reader.readAsDataURL(input.files[0]);
  });

  // A preview follows what is typed: its buttons send the form into frames, one after the other, since a form has one
  // planned navigation at a time.
  let soon;
  on("input", "form .input", (input) => {
    const buttons = input.form.querySelectorAll("[data-previews]");
    clearTimeout(soon);
    const send = (button, place) => setTimeout(() => input.form.requestSubmit(button), 100 * place);
    if (buttons.length) soon = setTimeout(() => buttons.forEach(send), 400);
  });

  // What is on its way is asked for until it has arrived.
  for (const line of document.querySelectorAll("[data-arrives]")) {
    const look = async () => {
      try {
        const { words, done } = await (await fetch(line.dataset.arrives)).json();
        if (line.textContent !== words) line.textContent = words;
        if (!done) setTimeout(look, 1000);
      } catch { /* the next page says it */ }
    };
    setTimeout(look, 500);
  }
})();
