import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
  /** The body, read. */
  event: { entity: string; action: string; timestamp: string; data: Record<string, unknown> };
}

export interface Receiver {
  url: string;
  received: Received[];
  close: () => Promise<void>;
}

/** A receiver as somebody would write one; `answer` ends the response (200 and no body unless given). */
export const startReceiver = async (
  answer: (request: Received, response: ServerResponse, count: number) => void = (_, response) => response.end(),
): Promise<Receiver> => {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8');
      const event = JSON.parse(body) as Received['event'];
      const one = { path: request.url ?? '', headers: request.headers, body, event };
      received.push(one);
      answer(one, response, received.length);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    received,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

/** As docs/webhooks.md tells receivers to check what they get. */
export const isSignedBy = (secret: string, { headers, body }: Received): boolean => {
  const [id, timestamp, signature] = ['x-mlflow-delivery-id', 'x-mlflow-timestamp', 'x-mlflow-signature'].map((name) =>
    String(headers[name]),
  );
  const expected = createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`).digest('base64');
  const given = Buffer.from(signature);
  const wanted = Buffer.from(`v1,${expected}`);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
};
