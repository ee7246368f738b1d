import { get } from 'node:http';
import { connect } from 'node:net';

/** Resolves when `host:port` accepts a connection. Callers bound the time. */
export function answersTcp(address: string): Promise<void> {
  const at = address.lastIndexOf(':');
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: address.slice(0, at),
      port: Number(address.slice(at + 1)),
      timeout: 2000,
    });
    socket.once('connect', () => {
      resolve();
      socket.destroy();
    });
    socket.once('error', reject);
    socket.once('timeout', () => socket.destroy(new Error('no answer')));
  });
}

/** Resolves when the URL answers anything below 500. */
export function answersHttp(url: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = get(url, { timeout: 2000, agent: false }, (answer) => {
      answer.destroy();
      if ((answer.statusCode ?? 500) < 500) resolve();
      else reject(new Error('unavailable'));
    });
    request.once('error', reject);
    request.once('timeout', () => request.destroy(new Error('no answer')));
  });
}
