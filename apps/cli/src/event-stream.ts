/** One message of a server-sent event stream. */
export interface StreamMessage {
  id?: string;
  event?: string;
  data: string;
}

/**
 * Takes the text of an event stream in pieces of any size and gives its messages, as the WHATWG HTML standard reads them
 * (9.2.6): lines end with CR, LF or both; comments are skipped; a message without data is none.
 */
export class EventStream {
  private rest = '';
  private lastId: string | undefined;
  private event: string | undefined;
  private data: string[] = [];

  constructor(private readonly onMessage: (message: StreamMessage) => void) {}

  feed(text: string): void {
    this.rest += text;
    // A CR at the very end may be the first half of CR LF: it waits for what follows.
    const lines = this.rest.split(/\r\n|\n|\r(?!$)/);
    this.rest = lines.pop() ?? '';
    for (const line of lines) this.line(line);
  }

  private line(line: string): void {
    if (line === '') {
      this.end();
      return;
    }
    const colon = line.indexOf(':');
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'data') this.data.push(value);
    else if (field === 'event') this.event = value;
    else if (field === 'id' && !value.includes('\0')) this.lastId = value;
  }

  private end(): void {
    const { lastId: id, event, data } = this;
    this.data = [];
    this.event = undefined;
    if (data.length > 0) this.onMessage({ id, event, data: data.join('\n') });
  }
}
