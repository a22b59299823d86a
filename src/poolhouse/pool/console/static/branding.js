// The editor of a look: what is typed is shown at once, contrast is reckoned, files are read. Without it "Preview" and "Save" do their work.
"use strict";
(() => {
  const form = document.querySelector("[data-look]");
  if (!form) return;
  const show = form.querySelector("[data-look-show]"), undo = form.querySelector("[data-look-undo]");
  const word = form.querySelector("[data-look-word]"), frame = form.querySelector("iframe");
  const fields = () => [...form.elements].filter((each) => each.name && each.name !== "width" && !["file", "hidden"].includes(each.type));
  const state = () => JSON.stringify(fields().map((each) => each.type === "checkbox" ? each.checked : each.value));
  const history = [state()];

  // Only the last answer counts, and the frame keeps no history of its own.
  let asked = 0, underway = null;
  const preview = () => {
    const mine = look().finally(() => { if (underway === mine) underway = null; });
    underway = mine;
  };
  const look = async () => {
    asked += 1;
    const mine = asked, sent = new URLSearchParams(new FormData(form));
    for (const name of ["image", "image_name", "image_file"]) sent.delete(name);
    try {
      const answer = await fetch(show.formAction, { method: "POST", body: sent, headers: { accept: "text/plain" } });
      if (mine !== asked) return;
      if (answer.ok) {
        frame.contentWindow.location.replace(answer.url);
        word.textContent = word.dataset.draft;
      } else if (answer.status === 422) word.textContent = await answer.text();
      else form.requestSubmit(show);
    } catch { /* the server cannot be reached: what is typed stays, and Save will say so */ }
  };

  // Contrast: WCAG 2.2, as core/contrast.py has it.
  const digits = (path) => {
    const field = form.elements[path];
    const text = (field.value.trim() || field.placeholder).replace(/^#/, "");
    const long = text.length === 3 ? [...text].map((each) => each + each).join("") : text;
    return /^([0-9a-f]{6}|[0-9a-f]{8})$/i.test(long) ? long.padEnd(8, "f") : null;
  };
  const channels = (colour) => [0, 2, 4, 6].map((at) => parseInt(colour.slice(at, at + 2), 16) / 255);
  const over = (colours) => colours.slice(0, -1).reduceRight((under, colour) => {
    const [red, green, blue, alpha] = channels(colour);
    return [red, green, blue].map((each, n) => alpha * each + (1 - alpha) * under[n]);
  }, channels(colours.at(-1)).slice(0, 3));
  const luminance = (seen) => {
    const [red, green, blue] = seen.map((each) => each <= 0.04045 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4);
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const contrast = (ink, grounds) => {
    const light = [over([ink, ...grounds]), over(grounds)].map(luminance).sort((one, other) => other - one);
    return (light[0] + 0.05) / (light[1] + 0.05);
  };
  const reckon = () => {
    for (const line of form.querySelectorAll("[data-ink]")) {
      if (!form.elements[line.dataset.ink]) return;
      const colours = [line.dataset.ink, ...line.dataset.grounds.split(" ")].map(digits);
      if (colours.includes(null)) continue;
      const ratio = contrast(colours[0], colours.slice(1));
      line.hidden = ratio >= Number(line.dataset.least);
      line.querySelector("[data-ratio]").textContent = (Math.floor(ratio * 10) / 10).toFixed(1);
    }
  };
  const wells = () => {
    for (const well of form.querySelectorAll("[data-colour]")) {
      const found = digits(well.dataset.colour);
      if (found) well.value = `#${found.slice(0, 6)}`;
    }
  };

  let waiting;
  const changed = () => {
    wells();
    reckon();
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      const now = state();
      if (now === history.at(-1)) return;
      history.push(now);
      undo.disabled = false;
      preview();
    }, 250);
  };
  form.addEventListener("input", (event) => {
    const path = event.target.dataset.colour;
    if (path) form.elements[path].value = event.target.value;
    if (event.target.type === "file") return;
    changed();
  });
  undo.addEventListener("click", () => {
    if (history.length > 1) history.pop();
    const before = JSON.parse(history.at(-1));
    fields().forEach((each, n) => {
      if (each.type === "checkbox") each.checked = before[n];
      else each.value = before[n];
    });
    undo.disabled = history.length < 2;
    wells();
    reckon();
    preview();
  });
  // What was typed last must not come after what is saved or discarded.
  form.addEventListener("submit", (event) => {
    clearTimeout(waiting);
    if (!underway) return;
    event.preventDefault();
    underway.then(() => form.requestSubmit(event.submitter));
  });
  show.addEventListener("click", (event) => {
    event.preventDefault();
    preview();
  });

  // A file travels as a field of the form, in base64.
  const file = form.querySelector("[data-look-file]"), add = form.querySelector("[data-look-add]");
  file?.addEventListener("change", () => {
    const chosen = file.files[0];
    add.disabled = Boolean(chosen);
    if (!chosen) return;
    const reader = new FileReader();
    reader.addEventListener("load", () => {
      form.elements.image.value = reader.result.slice(reader.result.indexOf(",") + 1);
      form.elements.image_name.value = chosen.name;
      add.disabled = false;
    });
    reader.readAsDataURL(chosen);
  });
  wells();
  reckon();
})();
