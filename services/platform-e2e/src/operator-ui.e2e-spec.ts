import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { chromium, type Browser, type BrowserContext } from 'playwright-core';
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

/** Text of the page with every event of the run's history expanded. */
async function historyText(context: BrowserContext, run: RunView): Promise<string> {
  const page = await context.newPage();
  await page.goto(run.links.temporalUi, { waitUntil: 'load' });
  await page.waitForSelector('text=Workflow Execution Started', { timeout: 30_000 });
  for (const event of ['Workflow Execution Started', 'Activity Task Completed']) {
    await page.locator(`text=${event}`).first().click();
  }
  await page.waitForLoadState('networkidle');
  return page.innerText('body');
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
    const text = await historyText(context, run);
    expect(text).toContain(run.deliveryId);
    expect(text).not.toContain('Codec Server could not connect');
  });

  it('shows ciphertext on the port of the UI itself', async () => {
    const context = await browser.newContext();
    const direct = {
      ...run,
      links: {
        temporalUi: run.links.temporalUi.replace(new URL(run.links.temporalUi).origin, endpoints.temporalUi),
      },
    };
    const page = await context.newPage();
    await page.goto(direct.links.temporalUi, { waitUntil: 'load' });
    await page.waitForLoadState('networkidle');
    expect(await page.innerText('body')).not.toContain(run.deliveryId);
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
    const { request } = await import('node:http');
    const port = new URL(endpoints.operatorUi).port;
    const host = `ecluse.localhost:${port}`;
    const answer = await new Promise<number>((resolve, reject) => {
      request({ host: '127.0.0.1', port, path, method, headers: { host, ...headers } }, (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      })
        .on('error', reject)
        .end();
    });
    expect(answer).toBe(status);
  });

  it('refuses writes even with a session, and a foreign origin', async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(await loginLink());
    const workflow = `${endpoints.operatorUi}/api/v1/namespaces/ecluse/workflows/${encodeURIComponent(run.workflowId)}`;
    const terminate = await context.request.post(`${workflow}/terminate`, {
      headers: { origin: endpoints.operatorUi },
      data: {},
    });
    expect(terminate.status()).toBe(405);
    const foreign = await context.request.post(`${endpoints.operatorUi}/codec/decode`, {
      headers: { origin: 'http://rebound.example' },
      data: { payloads: [] },
    });
    expect(foreign.status()).toBe(403);
  });
});
