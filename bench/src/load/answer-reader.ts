/** Finds the end of HTTP/1.1 answers in a stream of bytes. Knows Content-Length only, which every server here sends. */
export class AnswerReader {
  private text = '';
  private closing = false;

  /** True once an answer told that it is the last one of the connection: a request sent after it would be refused. */
  get closes(): boolean {
    return this.closing;
  }

  /** Takes what arrived; answers the status once a whole answer is there. One answer at a time: nothing is pipelined. */
  push(chunk: Buffer): number | undefined {
    this.text += chunk.toString('latin1');
    const headEnd = this.text.indexOf('\r\n\r\n');
    if (headEnd < 0) return undefined;
    const head = this.text.slice(0, headEnd);
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
    if (length === undefined) throw new Error(`an answer without content-length: ${head.slice(0, 200)}`);
    if (this.text.length < headEnd + 4 + Number(length)) return undefined;
    this.text = '';
    this.closing = /\r\nconnection: *close/i.test(head);
    return Number(head.slice(9, 12));
  }
}
