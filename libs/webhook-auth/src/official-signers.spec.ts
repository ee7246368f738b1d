import { describe, expect, it } from '@jest/globals';
import { sign as githubSign } from '@octokit/webhooks-methods';
import { Webhook } from 'standardwebhooks';
import Stripe from 'stripe';
import { resolveAuth } from './resolve-auth.js';
import { sign } from './sign.js';
import { verify } from './verify.js';
import type { WebhookRequest } from './request.js';
import type { NamedScheme } from './scheme.js';

const NOW = new Date('2026-11-20T10:00:00Z');
const SECONDS = Math.floor(NOW.getTime() / 1000);
const BODY = JSON.stringify({ id: 'evt_1', name: 'Zoë – «ok»' });
const STANDARD_SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const PLAIN_SECRET = 'an ordinary shared secret';

function schemesOf(auth: unknown): NamedScheme[] {
  const { schemes, findings } = resolveAuth(auth);
  expect(findings.filter(({ severity }) => severity === 'error')).toEqual([]);
  return schemes;
}
function request(headers: Record<string, string>, body = BODY): WebhookRequest {
  return {
    rawHeaders: Object.entries(headers).flat(),
    rawBody: Buffer.from(body),
    url: '/in/token',
    method: 'POST',
    readBody: () => JSON.parse(body) as unknown,
  };
}

describe('signatures made by the official packages', () => {
  it('accepts the public Standard Webhooks vector', () => {
    const result = verify(
      schemesOf({ provider: 'standard-webhooks' }),
      request(
        {
          'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
          'webhook-timestamp': '1614265330',
          'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
        },
        '{"test": 2432232314}',
      ),
      [{ id: 'a', value: STANDARD_SECRET }],
      new Date(1614265330_000),
    );
    expect(result).toMatchObject({
      ok: true,
      secretId: 'a',
      scheme: 'standard-webhooks',
      id: { value: 'msg_p5jXN8AQM9LWM0D4loKWxJek', signed: true },
      timestamp: new Date(1614265330_000),
    });
  });

  it('accepts standardwebhooks, and the other way round', () => {
    const signature = new Webhook(STANDARD_SECRET).sign('msg_1', NOW, BODY);
    const headers = {
      'webhook-id': 'msg_1',
      'webhook-timestamp': String(SECONDS),
      'webhook-signature': signature,
    };
    const schemes = schemesOf({ provider: 'standard-webhooks' });
    expect(verify(schemes, request(headers), [{ id: 'a', value: STANDARD_SECRET }], NOW).ok).toBe(true);
    const scheme = schemes[0]?.scheme;
    if (scheme === undefined) throw new Error('no scheme');
    const message = { body: Buffer.from(BODY), id: 'msg_1', timestamp: NOW };
    expect(sign(scheme, STANDARD_SECRET, message)).toEqual(headers);
  });

  it('accepts stripe, with several v1 and other versions beside it', () => {
    const stripe = new Stripe('sk_test_123');
    const value = 'whsec_test_secret_of_stripe';
    const header = stripe.webhooks.generateTestHeaderString({
      payload: BODY,
      secret: value,
      timestamp: SECONDS,
    });
    const schemes = schemesOf([{ provider: 'stripe' }]);
    const verifyHeader = (text: string) =>
      verify(schemes, request({ 'Stripe-Signature': text }), [{ id: 's', value }], NOW);
    expect(verifyHeader(header)).toMatchObject({ ok: true, id: { value: 'evt_1', signed: true } });
    expect(verifyHeader(`${header},v1=${'0'.repeat(64)},v0=${'1'.repeat(64)}`).ok).toBe(true);
    expect(verifyHeader(`${header},t=${String(SECONDS)}`)).toEqual({ ok: false, reason: 'header_repeated' });
  });

  it('accepts @octokit/webhooks-methods', async () => {
    const signature = await githubSign(PLAIN_SECRET, BODY);
    const result = verify(
      schemesOf([{ provider: 'github' }]),
      request({ 'X-Hub-Signature-256': signature, 'X-GitHub-Delivery': 'not-signed' }),
      [
        { id: 'new', value: 'another ordinary secret' },
        { id: 'old', value: PLAIN_SECRET },
      ],
      NOW,
    );
    expect(result).toMatchObject({ ok: true, secretId: 'old' });
    expect(result).not.toHaveProperty('id');
  });
});
