// One client that does nothing but ask, on so many connections at once: `flood.mjs PORT CERTS CONNECTIONS kept|new MS`.
// It stops by itself after MS milliseconds and prints how many answers there were of each status.
// JavaScript, so that it begins at once and is a process of its own.
import { readFileSync } from 'node:fs';
import { connect, createSecureContext } from 'node:tls';

const [port, certs, connections, lives, ms] = process.argv.slice(2);
const [ca, cert, key] = ['ca.pem', 'cert.pem', 'key.pem'].map((file) => readFileSync(`${certs}/${file}`));
const secureContext = createSecureContext({ ca, cert, key });
const until = Date.now() + Number(ms);
const counts = {};
const count = (what) => {
  counts[what] = (counts[what] ?? 0) + 1;
};

function open() {
  if (Date.now() > until) return;
  // From an address of its own: who shares one shares its handshakes.
  const to = { host: '127.0.0.1', localAddress: '127.0.0.2', port: Number(port) };
  const socket = connect({ ...to, servername: 'localhost', secureContext });
  const ask = () => socket.write('GET /v1.41/containers/json HTTP/1.1\r\nHost: docker\r\n\r\n');
  socket.on('secureConnect', ask);
  socket.on('data', (chunk) => {
    const status = /^HTTP\/1\.1 (\d+)/.exec(chunk.toString('latin1', 0, 16))?.[1];
    if (status === undefined) return;
    count(status);
    if (lives === 'new' || Date.now() > until) socket.end();
    else ask();
  });
  socket.on('error', () => count('closed'));
  // Not in the same turn: a port that closes at once would leave no time for anything else.
  socket.on('close', () => setTimeout(open, 1));
}

for (let i = 0; i < Number(connections); i += 1) open();
setTimeout(() => {
  process.stdout.write(JSON.stringify(counts));
  process.exit();
}, Number(ms) + 500);
