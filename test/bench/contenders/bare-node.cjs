// The least that Node can do in the gateway's place: node:https with client certificates and a list of paths, and bytes to
// the Engine and back over net, read by hand. It names nobody, judges nothing, records nothing, and trusts the Engine's
// replies to be as a benchmark's are. What it costs is Node's own share of what the gateway costs.
// `bare-node.cjs PORT CERTIFICATE KEY CLIENT_CA ENGINE_SOCKET PATHS [RECORDS]`: where a file is named, it records what it
// forwards (bare-records.cjs); JavaScript, so that nothing is compiled when it starts.
const { readFileSync } = require('node:fs');
const { createServer } = require('node:https');
const { connect } = require('node:net');
const { openRecords } = require('./bare-records.cjs');

const [port, certificate, key, clientCa, engine, paths, file] = process.argv.slice(2);
const allowed = new RegExp(`^(/v1\\.[0-9]+)?/(${paths})(\\?.*)?$`);
const records = file === undefined ? undefined : openRecords(file);
const idle = [];
const READ = 65_536;

const server = createServer({
  cert: readFileSync(certificate),
  key: readFileSync(key),
  ca: readFileSync(clientCa),
  requestCert: true,
  rejectUnauthorized: true,
  minVersion: 'TLSv1.3',
  allowHalfOpen: true,
  noDelay: true,
  requestTimeout: 0,
});

function headOf(request) {
  const lines = [`${request.method} ${request.url} HTTP/1.1`];
  for (let at = 0; at < request.rawHeaders.length; at += 2)
    lines.push(`${request.rawHeaders[at]}: ${request.rawHeaders[at + 1]}`);
  return `${lines.join('\r\n')}\r\n\r\n`;
}

/** A connection to the Engine whose replies are read one by one. */
function open() {
  const socket = connect({ path: engine });
  socket.setNoDelay?.(true);
  socket.on('data', (chunk) => socket.onReply?.(chunk));
  socket.on('close', () => socket.onGone?.());
  socket.on('error', () => {});
  return socket;
}

server.on('request', (request, response) => {
  if (!allowed.test(request.url)) {
    response.writeHead(403).end();
    return;
  }
  const isLast = /close/i.test(request.headers.connection ?? '');
  if (isLast || request.headers['content-length'] !== undefined) {
    whole(request, request.socket);
    return;
  }
  if (records === undefined) forward(request, response);
  else records.forwarded(request, response, () => forward(request, response));
});

function forward(request, response) {
  const socket = idle.pop() ?? open();
  let rest = '';
  let left = -1;
  let tail = '';
  socket.onGone = () => request.socket.destroy();
  socket.onReply = (chunk) => {
    let body = chunk;
    if (left === -1) {
      rest += chunk.toString('latin1');
      const end = rest.indexOf('\r\n\r\n');
      if (end === -1) return;
      const [line, ...fields] = rest.slice(0, end).split('\r\n');
      const headers = [];
      let isChunked = false;
      left = 0;
      for (const field of fields) {
        const colon = field.indexOf(':');
        const name = field.slice(0, colon);
        const value = field.slice(colon + 1).trim();
        if (name === 'Content-Length') left = Number(value);
        else if (name === 'Transfer-Encoding') isChunked = true;
        headers.push(name, value);
      }
      const status = Number(line.slice(9, 12));
      if (isChunked) left = Number.POSITIVE_INFINITY;
      response.writeHead(status, headers);
      body = chunk.subarray(chunk.length - (rest.length - end - 4));
      // Framed by the Engine, and passed on as it is framed.
      response.chunkedEncoding = false;
    }
    left -= body.length;
    // The last chunk may come in two pieces.
    tail = (tail + body.toString('latin1', Math.max(0, body.length - 5))).slice(-5);
    const isOver = left === Number.POSITIVE_INFINITY ? tail === '0\r\n\r\n' : left <= 0;
    if (!isOver) {
      response.write(body);
      return;
    }
    socket.onReply = undefined;
    socket.onGone = undefined;
    idle.push(socket);
    response.end(body.length > 0 ? body : undefined);
  };
  socket.write(headOf(request), 'latin1');
}

/** Bytes both ways until either side ends: what streams, and what is taken over. */
function whole(request, client, head) {
  const socket = connect({ path: engine, allowHalfOpen: true, highWaterMark: READ });
  socket.on('error', () => client.destroy());
  client.on('error', () => socket.destroy());
  socket.write(headOf(request), 'latin1');
  if (head?.length > 0) socket.write(head);
  if (head === undefined) request.pipe(socket, { end: false });
  else client.pipe(socket);
  socket.pipe(client);
}

server.on('upgrade', (request, client, head) => {
  if (allowed.test(request.url)) whole(request, client, head);
  else client.destroy();
});

server.listen(Number(port), '127.0.0.1');
