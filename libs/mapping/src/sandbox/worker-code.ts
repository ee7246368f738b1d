/**
 * What a sandbox thread runs, as text: a thread cannot load TypeScript, and a file beside this one would not be
 * copied by the compiler. `workerData.from` is a module from which `quickjs-emscripten` and `jsonata` resolve.
 *
 * Each evaluation gets a QuickJS runtime of its own, prepared while the thread is idle and used once, so that an
 * expression that breaks out of JSONata finds nothing of anyone else. After a limit the pool ends the whole thread,
 * and with it the WebAssembly module, which is not safe to use after it ran out of memory.
 */
export const WORKER_CODE = String.raw`
'use strict';
const { parentPort, workerData } = require('node:worker_threads');
const { readFileSync } = require('node:fs');
const load = require('node:module').createRequire(workerData.from);

// JSONata looks for these in a browser; QuickJS has neither. Same results as its Node branch.
const BASE64 = ${'`'}
(() => {
  const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  globalThis.window = globalThis;
  globalThis.btoa = (text) => {
    let out = '';
    for (let i = 0; i < text.length; i += 3) {
      const left = text.length - i;
      const bits = ((text.charCodeAt(i) & 255) << 16) | ((left > 1 ? text.charCodeAt(i + 1) & 255 : 0) << 8) | (left > 2 ? text.charCodeAt(i + 2) & 255 : 0);
      out += digits[bits >> 18] + digits[(bits >> 12) & 63] + (left > 1 ? digits[(bits >> 6) & 63] : '=') + (left > 2 ? digits[bits & 63] : '=');
    }
    return out;
  };
  globalThis.atob = (text) => {
    let out = '', bits = 0, count = 0;
    for (const char of text) {
      if (char === '=') break;
      const digit = digits.indexOf(char === '-' ? '+' : char === '_' ? '/' : char);
      if (digit < 0) continue;
      bits = ((bits << 6) | digit) & 0xffffff;
      count += 6;
      if (count >= 8) { count -= 8; out += String.fromCharCode((bits >> count) & 255); }
    }
    return out;
  };
})();
${'`'};

const RUN = ${'`'}
(() => {
  class NotJson extends Error {}
  const refuseOther = (key, value) => {
    if (key === '__proto__') throw new NotJson('key');
    if (typeof value === 'function') throw new NotJson('function');
    if (typeof value === 'number' && !Number.isFinite(value)) throw new NotJson('number');
    if (typeof value === 'object' && value !== null && ('_jsonata_lambda' in value || '_jsonata_function' in value)) throw new NotJson('function');
    return value;
  };
  const report = (answer) => { globalThis.answer = JSON.stringify(answer); };
  const failed = (error) => {
    if (error instanceof NotJson) return report({ failure: { kind: 'result', problem: error.message } });
    const text = String(Object(error).message);
    if (error instanceof Error && /out of memory/.test(text)) return report({ failure: { kind: 'limit', limit: 'memory' } });
    if (error instanceof Error && /stack overflow|call stack/i.test(text)) return report({ failure: { kind: 'limit', limit: 'stack' } });
    // Without memory for an error object QuickJS throws null.
    if (error === null || error === undefined) return report({ failure: { kind: 'limit', limit: 'memory' } });
    const { code, position, token } = Object(error);
    const known = typeof code === 'string' && /^[SDTUP][0-9]{4}$/.test(code);
    report({ failure: { kind: 'failed', code: known ? code : undefined, position, token: typeof token === 'string' ? token : undefined, message: text.slice(0, 1000) } });
  };
  const { expression, input, bindings } = JSON.parse(globalThis.request);
  try {
    const compiled = globalThis.jsonata(expression);
    // The analysis refuses it; this is the second lock.
    compiled.assign('eval', undefined);
    compiled.evaluate(JSON.parse(input), JSON.parse(bindings))
      .then((value) => {
        const result = JSON.stringify(value === undefined ? null : value, refuseOther);
        if (result.length > globalThis.most) return report({ failure: { kind: 'limit', limit: 'result' } });
        globalThis.result = result;
        report({ done: true });
      })
      .catch(failed);
  } catch (error) { failed(error); }
})();
${'`'};

const quickjs = load('quickjs-emscripten');
// 79 kB instead of 299 kB to parse for every evaluation; built from the same source.
const JSONATA = readFileSync(load.resolve('jsonata/jsonata.min.js'), 'utf8');
let QuickJS;

function prepare() {
  const runtime = QuickJS.newRuntime();
  runtime.setMemoryLimit(workerData.memoryBytes);
  runtime.setMaxStackSize(workerData.stackBytes);
  const context = runtime.newContext();
  for (const code of [BASE64, JSONATA]) context.unwrapResult(context.evalCode(code)).dispose();
  return { runtime, context };
}

function cpuMs() {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

function read(context, name) {
  const handle = context.getProp(context.global, name);
  const value = context.typeof(handle) === 'string' ? context.getString(handle) : undefined;
  handle.dispose();
  return value;
}

/** What comes out of the sandbox is as untrusted as what went in. */
function known({ kind, limit, problem, code, position, token, message }) {
  if (kind === 'limit' && (limit === 'memory' || limit === 'stack' || limit === 'result')) return { kind, limit };
  if (kind === 'result' && (problem === 'function' || problem === 'number' || problem === 'key')) return { kind, problem };
  const text = (value) => (typeof value === 'string' ? value : undefined);
  const at = Number.isSafeInteger(position) && position >= 0 ? position : undefined;
  return { kind: 'failed', code: text(code), position: at, token: text(token), message: text(message) };
}

/** {text} of the result, or {failure}; {fatal} when the module must not be used again. */
function evaluate({ runtime, context }, { request, cpuMs: most }) {
  const end = cpuMs() + most;
  let interrupted = false;
  runtime.setInterruptHandler(() => (interrupted = interrupted || cpuMs() > end));
  try {
    const text = context.newString(JSON.stringify(request));
    context.setProp(context.global, 'request', text);
    text.dispose();
    const bytes = context.newNumber(workerData.resultBytes);
    context.setProp(context.global, 'most', bytes);
    bytes.dispose();
    const started = context.evalCode(RUN);
    (started.error ?? started.value).dispose();
    const jobs = runtime.executePendingJobs();
    if (jobs.error) jobs.error.dispose();
    if (interrupted) return { failure: { kind: 'limit', limit: 'cpu' }, fatal: true };
    const answer = JSON.parse(read(context, 'answer') ?? '{"failure":{"kind":"limit","limit":"memory"}}');
    if (answer.failure) return { failure: known(answer.failure), fatal: answer.failure.kind === 'limit' };
    return { text: read(context, 'result') ?? '' };
  } catch (error) {
    return { failure: { kind: 'limit', limit: interrupted ? 'cpu' : 'memory' }, fatal: true };
  }
}

(async () => {
  QuickJS = await quickjs.newQuickJSWASMModule();
  let next = prepare();
  parentPort.on('message', (task) => {
    const { runtime, context } = next;
    const answer = evaluate(next, task);
    parentPort.postMessage(answer);
    if (answer.fatal) return; // The pool ends this thread.
    try {
      context.dispose();
      runtime.dispose();
      next = prepare();
      parentPort.postMessage({ ready: true });
    } catch {
      // The module aborts when an evaluation that came close to a limit left objects behind.
      parentPort.postMessage({ broken: true });
    }
  });
  parentPort.postMessage({ ready: true });
})();
`;
