import { performance } from 'node:perf_hooks';

/** Shows what is done, how long it takes, and with `verbose` its last line: one line on a terminal, plain lines elsewhere. */
const verbose = process.argv.includes('--verbose');
const out = process.stderr;

/** `2.3 s`, `4 min 05 s`. */
export function elapsed(ms) {
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.floor(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`;
}

/** Runs `work(onLine)` and shows it from its second second on. Resolves to what `work` resolves to. */
export async function step(title, work) {
  const startedAt = performance.now();
  let last = '';
  const since = () => elapsed(performance.now() - startedAt);
  const show = () => {
    const text = `${title} · ${since()}${verbose && last !== '' ? ` · ${last}` : ''}`;
    if (out.isTTY) out.write(`\r\x1b[2K${text.slice(0, Math.max(20, out.columns - 1))}`);
    else out.write(`${text}\n`);
  };
  const timer = setInterval(show, out.isTTY ? 250 : 2_000);
  try {
    return await work((line) => (last = line));
  } finally {
    clearInterval(timer);
    if (out.isTTY) out.write('\r\x1b[2K');
    if (performance.now() - startedAt > 2_000) out.write(`${title} (${since()})\n`);
  }
}
