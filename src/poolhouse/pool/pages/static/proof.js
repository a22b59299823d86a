// A proof of work for the form that it stands in: begun with the page, and waited for by whoever presses the button first.
"use strict";
for (const box of document.querySelectorAll("[data-proof]")) {
  // For browsers that do not tell their stylesheets that scripts run.
  box.previousElementSibling?.remove();
  const form = box.closest("form"), word = box.querySelector("[data-proof-word]");
  const { proof_seed: seed, proof_answer: answer } = form.elements;
  let waits = false, button, has_failed = false;
  const say = (text) => { if (word.textContent !== text) word.textContent = text; };
  const fail = () => {
    has_failed = true;
    say(box.dataset.failed);
  };
  const shown = setTimeout(say, 1000, box.dataset.working);
  form.addEventListener("submit", (event) => {
    if (answer.value) return;
    event.preventDefault();
    if (has_failed) return;
    [waits, button] = [true, event.submitter];
    say(box.dataset.working);
  });
  try {
    const worker = new Worker(box.dataset.worker);
    worker.addEventListener("error", () => {
      clearTimeout(shown);
      fail();
    });
    worker.addEventListener("message", (event) => {
      clearTimeout(shown);
      worker.terminate();
      answer.value = event.data;
      if (word.textContent) say(box.dataset.done);
      if (waits) form.requestSubmit(button);
    });
    worker.postMessage({ seed: seed.value, bits: Number(box.dataset.proof) });
  } catch {
    clearTimeout(shown);
    fail();
  }
}
