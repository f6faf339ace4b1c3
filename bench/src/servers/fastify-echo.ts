import Fastify from 'fastify';

/**
 * A bare Fastify that gives back what it is sent: the least that a Node server of this kind can do. `/bytes` reads and sends the body as
 * it is; `/json` parses it and writes it again, which is what Fastify does unless told otherwise.
 */
const app = Fastify({ logger: false });
app.get('/health', () => ({ ok: true }));
app.post('/json', (request) => request.body);
app.register((scope, _options, done) => {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, parsed) => {
    parsed(null, body);
  });
  scope.post('/bytes', (request, reply) => reply.type('application/json').send(request.body));
  done();
});
await app.listen({ host: '127.0.0.1', port: Number(process.argv[2]) });
