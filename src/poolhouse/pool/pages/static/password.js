// Says of each rule whether the password that is being typed keeps it. Without script the list stands as it is.
"use strict";
for (const list of document.querySelectorAll("[data-rules]")) {
  const input = document.getElementById(list.dataset.rules);
  const keeps = {
    length: (text, value) => text.length >= Number(value),
    lower: (text) => /[a-z]/.test(text),
    upper: (text) => /[A-Z]/.test(text),
    digit: (text) => /[0-9]/.test(text),
    symbol: (text, value) => [...text].some((each) => value.includes(each)) || text.trim().includes(" "),
  };
  const check = () => {
    for (const item of list.querySelectorAll("[data-rule]")) {
      const kept = keeps[item.dataset.rule](input.value, item.dataset.value);
      item.classList.toggle("rule-kept", kept);
      item.querySelector("[data-state]").textContent = kept ? ` (${list.dataset.kept})` : "";
    }
  };
  input.addEventListener("input", check);
  check();
}
