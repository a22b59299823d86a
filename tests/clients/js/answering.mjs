// A line on standard input is {"do": name, "with": {...}}; the answer is {"ok": value} or {"failed": {code, message}}.

import { createInterface } from 'node:readline';

const code = (problem) => problem.code ?? (problem.name === 'Error' ? problem.constructor.name : problem.name);

export async function answer(calls) {
  for await (const line of createInterface({ input: process.stdin })) {
    const asked = JSON.parse(line);
    let said;
    try {
      said = { ok: (await calls[asked.do](asked.with)) ?? null };
    } catch (problem) {
      said = { failed: { code: problem.error ?? code(problem), message: problem.message } };
    }
    process.stdout.write(`${JSON.stringify(said)}\n`);
  }
}
