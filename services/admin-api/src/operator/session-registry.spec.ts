import { describe, expect, it } from '@jest/globals';
import { LINK_TTL_MS, SESSION_TTL_MS, SessionRegistry, type Operator } from './session-registry.js';

const start = Date.parse('2026-11-24T08:00:00Z');
const operator: Operator = {
  tenant: 'acme',
  keyId: 'k'.repeat(12),
  name: 'ops',
  keyExpiresAt: new Date(start + 1e12),
};

function registry(): { sessions: SessionRegistry; pass: (ms: number) => void } {
  let now = start;
  return {
    sessions: new SessionRegistry(() => now),
    pass: (ms) => {
      now += ms;
    },
  };
}

describe('SessionRegistry', () => {
  it('redeems a link once', () => {
    const { sessions } = registry();
    const { token } = sessions.createLink(operator);
    expect(sessions.redeem(token)).toEqual(operator);
    expect(sessions.redeem(token)).toBeUndefined();
  });

  it('refuses a link after 60 s, and an unknown one', () => {
    const { sessions, pass } = registry();
    const { token } = sessions.createLink(operator);
    pass(LINK_TTL_MS);
    expect(sessions.redeem(token)).toBeUndefined();
    expect(sessions.redeem('guess')).toBeUndefined();
  });

  it('does not take a link for a session, nor a session for a link', () => {
    const { sessions } = registry();
    expect(sessions.find([sessions.createLink(operator).token])).toBeUndefined();
    expect(sessions.redeem(sessions.open(operator).token)).toBeUndefined();
  });

  it('ends a session after 8 hours', () => {
    const { sessions, pass } = registry();
    const { token } = sessions.open(operator);
    pass(SESSION_TTL_MS - 1);
    expect(sessions.find([token])?.operator).toEqual(operator);
    pass(1);
    expect(sessions.find([token])).toBeUndefined();
  });

  it('ends a session with its API key, when that ends earlier', () => {
    const { sessions, pass } = registry();
    const { token } = sessions.open({ ...operator, keyExpiresAt: new Date(start + 1000) });
    pass(1000);
    expect(sessions.find([token])).toBeUndefined();
  });

  it('finds the own cookie among others of the same name', () => {
    const { sessions } = registry();
    expect(sessions.find(['planted', sessions.open(operator).token])).toBeDefined();
  });

  it('ends all sessions of a key and no other', () => {
    const { sessions } = registry();
    const mine = sessions.open(operator).token;
    const other = sessions.open({ ...operator, keyId: 'o'.repeat(12) }).token;
    sessions.end(operator.keyId);
    expect(sessions.find([mine])).toBeUndefined();
    expect(sessions.find([other])).toBeDefined();
  });

  it('keeps a bounded number, dropping the oldest', () => {
    const { sessions } = registry();
    const tokens = Array.from({ length: 201 }, () => sessions.open(operator).token);
    expect(sessions.find([tokens[0] ?? ''])).toBeUndefined();
    expect(sessions.find([tokens[1] ?? ''])).toBeDefined();
    expect(sessions.find([tokens[200] ?? ''])).toBeDefined();
  });
});
