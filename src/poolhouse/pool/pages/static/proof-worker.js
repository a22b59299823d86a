// Looks for a number that, behind the seed, has a SHA-256 (FIPS 180-4) that begins with so many zero bits.
// The seed is 64 characters, one whole block: what it comes to is computed once. crypto.subtle is slower for so little,
// and missing on plain http.
"use strict";
const K = new Int32Array([
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
]);
const W = new Int32Array(64);
// What W holds is one block: its state is *before*, and comes to be *after*.
const compress = (before, after) => {
  for (let t = 16; t < 64; t += 1) {
    const x = W[t - 15], y = W[t - 2];
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    W[t] = (((W[t - 16] + s0) | 0) + ((W[t - 7] + s1) | 0)) | 0;
  }
  let a = before[0], b = before[1], c = before[2], d = before[3];
  let e = before[4], f = before[5], g = before[6], h = before[7];
  for (let t = 0; t < 64; t += 1) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const t1 = (((h + s1) | 0) + (((e & f) ^ (~e & g)) + ((K[t] + W[t]) | 0))) | 0;
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + t2) | 0;
  }
  after[0] = before[0] + a;
  after[1] = before[1] + b;
  after[2] = before[2] + c;
  after[3] = before[3] + d;
  after[4] = before[4] + e;
  after[5] = before[5] + f;
  after[6] = before[6] + g;
  after[7] = before[7] + h;
};
const put = (text) => {
  W.fill(0, 0, 16);
  for (let n = 0; n < text.length; n += 1) W[n >> 2] |= text.charCodeAt(n) << (24 - 8 * (n & 3));
};
const find = (seed, bits) => {
  put(seed);
  const state = Int32Array.of(
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
  );
  const found = new Int32Array(8);
  compress(state, state);
  for (let number = 0; ; number += 1) {
    const text = String(number);
    put(`${text}\u0080`);
    W[15] = 8 * (seed.length + text.length);
    compress(state, found);
    if (found[0] >>> (32 - bits) === 0) return text;
  }
};
self.addEventListener("message", (event) => {
  const { seed, bits } = event.data;
  if (seed.length !== 64) throw new Error("seed");
  self.postMessage(find(seed, bits));
});
