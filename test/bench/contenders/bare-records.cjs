// The least that Node can do to record as the gateway does with `audit.strict`: two lines of its length for a request, each
// with the hash of the one before, the first of them on disk (O_DSYNC) before the request goes on; what waits at the same time
// shares a write. There are no segments, checkpoints, sinks, secrets or failures.
const { hash, randomUUID } = require('node:crypto');
const { closeSync, constants, fstatSync, openSync, rmSync, write } = require('node:fs');

const { O_APPEND, O_CREAT, O_DSYNC, O_WRONLY } = constants;
const LINGER_MS = 20;
const principal = {
  ...{
    name: 'developer',
    tenant: 'team-a',
    roles: ['developer'],
    method: 'certificate',
    issuer: 'CN=Quaywarden',
  },
  ...{ tokenId: null, certificateSerial: 'a'.repeat(32), certificateThumbprint: 'b'.repeat(43) },
  expiresAt: '2027-11-27T00:00:00.000Z',
};
const decision = {
  ...{
    effect: 'allow',
    reason: 'granted',
    message: null,
    field: null,
    grant: 'tenants.csv:12',
    profile: null,
  },
  ...{ policyVersion: '0123456789ab', reasons: [] },
};
const same = `"principal":${JSON.stringify(principal)},"resource":{"kind":"engine","tenant":null,"name":null,"id":null},"involves":[],"facts":{},"changes":[],"decision":${JSON.stringify(decision)}`;

/** Records to a new file, which is gone when the process ends. */
exports.openRecords = (file) => {
  const fd = openSync(file, O_WRONLY | O_APPEND | O_CREAT | O_DSYNC, 0o600);
  process.once('SIGTERM', () => {
    closeSync(fd);
    rmSync(file);
    process.exit(0);
  });
  let previous = '0'.repeat(64);
  let sequence = 0;
  let queue = [];
  let isWaitedFor = false;
  let isBusy = false;

  function drain() {
    const batch = queue;
    queue = [];
    isWaitedFor = false;
    isBusy = true;
    let text = '';
    for (const { said } of batch) {
      sequence += 1;
      const line = `{"schema":2,"time":"${new Date().toISOString()}","sequence":${sequence},"gateway":"x",${said},"previous":"${previous}"`;
      previous = hash('sha256', `${line}}`);
      text += `${line},"hash":"${previous}"}\n`;
    }
    fstatSync(fd);
    const bytes = Buffer.from(text, 'latin1');
    write(fd, bytes, 0, bytes.length, null, (error) => {
      if (error) throw error;
      isBusy = false;
      for (const { done } of batch) done?.();
      if (isWaitedFor && !isBusy) drain();
    });
  }

  function put(said, done) {
    queue.push({ said, done });
    if (isBusy) isWaitedFor ||= done !== undefined;
    else if (done === undefined) setTimeout(() => isBusy || queue.length === 0 || drain(), LINGER_MS);
    else if (!isWaitedFor) {
      isWaitedFor = true;
      queueMicrotask(() => isBusy || drain());
    }
  }

  return {
    /** Goes on once the record is on disk. */
    forwarded(request, response, goOn) {
      const { method, url } = request;
      const said = JSON.stringify({
        method,
        path: url,
        query: null,
        operation: 'X',
        class: 'read',
        apiVersion: '1.41',
      });
      const text = `"type":"request","id":"${randomUUID()}","request":${said},${same}`;
      response.on('close', () => {
        const outcome = {
          status: response.statusCode,
          bytesIn: 0,
          bytesOut: 2,
          durationMs: 1.5,
          ending: 'finished',
        };
        put(`"stage":"complete",${text},"outcome":${JSON.stringify(outcome)}`);
      });
      put(`"stage":"decision",${text}`, goOn);
    },
  };
};
