import { existsSync } from 'node:fs';
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@ecluse/testing';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import type { RunView, UiSession } from '@ecluse/contracts';
import { call } from './stack/api.js';
import { runOf, sendDeal, settled, wonDeal } from './stack/deals.js';
import { readStatus } from './stack/status.js';

const BROWSERS = [
  process.env['CHROMIUM_BIN'],
  '/usr/bin/chromium',
  '/usr/bin/google-chrome',
  '/usr/bin/chromium-browser',
];

function browserPath(): string {
  const found = BROWSERS.find((path) => path !== undefined && existsSync(path));
  if (found === undefined) throw new Error('No Chromium found: install it, or name it in CHROMIUM_BIN.');
  return found;
}

async function loginLink(): Promise<string> {
  const { status, body } = await call<UiSession>('POST', '/v1/ui-sessions', { role: 'operator', body: {} });
  expect(status).toBe(201);
  return body.url;
}

/** Opens the history of a run with its first event expanded. */
async function openHistory(context: BrowserContext, url: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(url, { waitUntil: 'load' });
  const event = page.getByText('Workflow Execution Started').first();
  await event.waitFor({ timeout: 60_000 });
  await event.click();
  return page;
}

/** Status of a request to the operator listener, with headers that a browser would not send. */
async function rawStatus(method: string, path: string, headers: Record<string, string>): Promise<number> {
  const { port } = new URL(readStatus().endpoints.operatorUi);
  const host = `ecluse.localhost:${port}`;
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path, method, headers: { host, ...headers } }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .on('error', reject)
      .end();
  });
}

describe('the Temporal UI through the operator listener', () => {
  let browser: Browser;
  let run: RunView;
  const { endpoints } = readStatus();

  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath: browserPath(),
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    });
    run = await runOf(await settled(await sendDeal(wonDeal().body)));
  }, 60_000);
  afterAll(async () => {
    await browser.close();
  });

  it('shows nothing without a session', async () => {
    const page = await (await browser.newContext()).newPage();
    const answer = await page.goto(run.links.temporalUi);
    expect(answer?.status()).toBe(401);
    expect(await page.innerText('body')).toContain('ecluse ui');
  });

  it('shows payloads in plain text after the one-time login', async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(await loginLink());
    const history = await openHistory(context, run.links.temporalUi);
    const text = await eventually(
      async () => {
        const shown = await history.innerText('body');
        expect(shown).toContain(run.deliveryId);
        return shown;
      },
      { timeoutMs: 60_000 },
    );
    expect(text).not.toContain('Codec Server could not connect');
  });

  it('shows ciphertext on the port of the UI itself', async () => {
    const url = run.links.temporalUi.replace(new URL(run.links.temporalUi).origin, endpoints.temporalUi);
    const page = await openHistory(await browser.newContext(), url);
    const workflow = encodeURIComponent(run.workflowId);
    const history = await fetch(
      `${endpoints.temporalUi}/api/v1/namespaces/ecluse/workflows/${workflow}/history`,
    );
    const text = await history.text();
    expect(text).toContain(Buffer.from('binary/encrypted').toString('base64'));
    for (const shown of [text, await page.innerText('body')]) expect(shown).not.toContain(run.deliveryId);
  });

  it('refuses a login link the second time', async () => {
    const link = await loginLink();
    const page = await (await browser.newContext()).newPage();
    expect((await page.goto(link))?.ok()).toBe(true);
    const second = await (await browser.newContext()).newPage();
    expect((await second.goto(link))?.status()).toBe(401);
  });

  it.each([
    ['decoding without a session', 'POST', '/codec/decode', {}, 401],
    ['decoding with a session of nobody', 'POST', '/codec/decode', { cookie: 'ecluse_operator=forged' }, 401],
    ['a foreign host name', 'GET', '/', { host: 'rebound.example' }, 421],
  ])('refuses %s', async (_name, method, path, headers, status) => {
    expect(await rawStatus(method, path, headers as Record<string, string>)).toBe(status);
  });

  it('refuses writes even with a session, and a foreign origin', async () => {
    const context = await browser.newContext();
    await (await context.newPage()).goto(await loginLink());
    const cookie = (await context.cookies()).map(({ name, value }) => `${name}=${value}`).join('; ');
    const workflow = `/api/v1/namespaces/ecluse/workflows/${encodeURIComponent(run.workflowId)}`;
    const origin = endpoints.operatorUi;
    expect(await rawStatus('POST', `${workflow}/terminate`, { cookie, origin })).toBe(405);
    expect(await rawStatus('POST', '/codec/encode', { cookie, origin })).toBe(405);
    expect(await rawStatus('POST', '/codec/decode', { cookie, origin: 'http://rebound.example' })).toBe(403);
    expect(await rawStatus('GET', workflow, { cookie })).toBe(200);
  });
});
