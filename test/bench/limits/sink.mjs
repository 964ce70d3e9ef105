// What the machine bears of a flood when it is not the gateway's: a server of TLS with client certificates that answers each
// request a second later, and looks at nothing. `sink.mjs CERTIFICATE KEY CA` prints its port.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:tls';

const [cert, key, ca] = process.argv.slice(2, 5).map((file) => readFileSync(file));
const server = createServer({ ca, cert, key, requestCert: true, rejectUnauthorized: false }, (socket) => {
  socket.on('error', () => {});
  socket.on('data', () =>
    setTimeout(() => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'), 1_000),
  );
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`));
