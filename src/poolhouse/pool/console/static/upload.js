"use strict";
(() => {
  // A file goes to its address as it is, not as a part of a form; seen before the form counts as sent.
  document.addEventListener("submit", (event) => {
    const form = event.target.closest("[data-upload]");
    if (!form) return;
    event.preventDefault();
    const word = form.querySelector("[data-upload-word]"), file = form.querySelector("[type=file]").files[0];
    if (!file) return;
    const request = new XMLHttpRequest();
    request.upload.addEventListener("progress", (part) => {
      if (part.lengthComputable) word.textContent = `${Math.floor((100 * part.loaded) / part.total)} % sent`;
    });
    request.addEventListener("load", () => {
      if (request.status === 200) location.reload();
      else word.textContent = request.responseXML?.querySelector("Message")?.textContent ?? "The file was not taken.";
    });
    request.addEventListener("error", () => { word.textContent = "The file was not sent. Try again."; });
    request.open("PUT", form.dataset.upload);
    request.setRequestHeader("x-amz-server-side-encryption", "aws:kms");
    request.send(file);
  }, true);
})();
