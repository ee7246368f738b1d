import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { EcluseError, toProblem } from '@ecluse/errors';

/** Answers what is not HTTP, or exceeds a limit of the parser: no request exists, so the socket gets the problem itself. */
export function refuseUnreadable(_error: Error, socket: Socket): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const problem = toProblem(new EcluseError('REQUEST_UNREADABLE'));
  const body = JSON.stringify(problem);
  socket.end(
    [
      `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? ''}`,
      'Content-Type: application/problem+json; charset=utf-8',
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Connection: close',
      '',
      body,
    ].join('\r\n'),
  );
}
