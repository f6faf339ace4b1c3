import { createServer } from 'node:net';

/** Answers whatever comes by one fixed text, unread: what the load generator can do at most is measured against it. */
const body = '{"predictions":[0],"model_name":"iris","model_version":"1"}';
const answer = Buffer.from(
  `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${String(body.length)}\r\n\r\n${body}`,
);
createServer({ noDelay: true }, (socket) => {
  socket.on('data', () => socket.write(answer));
  socket.on('error', () => socket.destroy());
}).listen(Number(process.argv[2]), '127.0.0.1');
