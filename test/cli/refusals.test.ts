import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { docker, type Target } from '../support/docker.ts';
import { type Gateway, issueToken, startGateway } from '../support/gateway.ts';
import { removeNamed } from './cleanup.ts';
import { tokenConfig } from './ways.ts';

const engine = inject('engine');
const NAME = 'refusals-idle';
const ASK = 'no grant allows it; ask the operator of this gateway for a grant [not-granted]';

describe('what the docker CLI prints when the gateway refuses', () => {
  let gateway: Gateway;
  let viewer: Target;
  let verified: Target;

  beforeAll(async () => {
    gateway = await startGateway({ engineSocket: engine.socket });
    viewer = { host: gateway.host, certPath: gateway.certPath('viewer') };
    verified = {
      host: gateway.host,
      globalArgs: ['--tlsverify', '--tlscacert', `${gateway.certPath('admin')}/ca.pem`],
    };
    await docker(['create', '--name', NAME, 'busybox', 'echo', 'secret'], {
      host: `unix://${engine.socket}`,
    });
  });
  afterAll(async () => {
    await gateway?.stop();
    await removeNamed(engine.socket, NAME);
  });

  const answer = async (command: string, target: Target) => {
    const { code, stdout, stderr } = await docker(command.split(' '), target);
    return { code, stdout, stderr };
  };

  it('lets a viewer list and inspect', async () => {
    expect(await answer(`ps -a --filter name=${NAME} --format {{.Names}}`, viewer)).toEqual({
      code: 0,
      stdout: `${NAME}\n`,
      stderr: '',
    });
    expect(await answer(`inspect -f {{.Name}} ${NAME}`, viewer)).toEqual({
      code: 0,
      stdout: `/${NAME}\n`,
      stderr: '',
    });
    expect(await answer('info -f {{.Driver}}', viewer)).toEqual({
      code: 0,
      stdout: 'overlay2\n',
      stderr: '',
    });
  });

  it('tells a viewer by certificate that it may not run a container', async () => {
    expect(await answer('run --rm busybox true', viewer)).toEqual({
      code: 125,
      stdout: '',
      stderr:
        `docker: Error response from daemon: quaywarden: viewer (role viewer) may not do ContainerCreate on container/-: ${ASK}.\n` +
        "See 'docker run --help'.\n",
    });
  });

  it.each([
    [`exec ${NAME} true`, 'ContainerExec'],
    [`logs ${NAME}`, 'ContainerLogs'],
    [`cp ${NAME}:/etc/passwd /tmp/never`, 'ContainerArchive'],
    [`export ${NAME}`, 'ContainerExport'],
    [`top ${NAME}`, 'ContainerTop'],
    [`diff ${NAME}`, 'ContainerChanges'],
    [`rm -f ${NAME}`, 'ContainerDelete'],
    [`rename ${NAME} other`, 'ContainerRename'],
  ])('tells a viewer that it may not: docker %s', async (command, operation) => {
    const refused = await answer(command, viewer);
    expect(refused.stdout).toBe('');
    expect(refused.code).toBe(1);
    expect(refused.stderr.split('\n')[0]).toMatch(
      new RegExp(
        `^Error response from daemon: quaywarden: viewer \\(role viewer\\) may not do ${operation} on container/-/(${NAME}|[0-9a-f]{64}): ${ASK.replace(/[[\]]/g, '\\$&')}$`,
      ),
    );
  });

  it('tells a viewer by token the same', async () => {
    const config = tokenConfig(
      `${gateway.dir}/alice`,
      await issueToken(gateway, 'alice', '--role', 'viewer'),
    );
    expect(await answer(`ps -q --filter name=nothing-of-that-name`, { ...verified, config })).toEqual({
      code: 0,
      stdout: '',
      stderr: '',
    });
    expect(await answer('volume rm never', { ...verified, config })).toEqual({
      code: 1,
      stdout: '',
      stderr: `Error response from daemon: quaywarden: alice (role viewer) may not do VolumeDelete on volume/-/never: ${ASK}\n`,
    });
  });

  it('tells one without certificate and token how to send either', async () => {
    expect(await answer('ps', verified)).toEqual({
      code: 1,
      stdout: '',
      stderr:
        'Error response from daemon: quaywarden: neither a client certificate nor a token was sent; set DOCKER_CERT_PATH to ' +
        'the folder with ca.pem, cert.pem and key.pem, or send Authorization: Bearer <token> [no-identity]\n',
    });
  });

  it('tells of a token that is none, without repeating it', async () => {
    const config = tokenConfig(`${gateway.dir}/junk`, 'not-a-token-at-all');
    const refused = await answer('ps', { ...verified, config });
    expect(refused).toEqual({
      code: 1,
      stdout: '',
      stderr:
        'Error response from daemon: quaywarden: the bearer token is not a signed JWT in compact form: three base64url ' +
        'parts with dots between; get a new one and send it unchanged [token-malformed]\n',
    });
    expect(gateway.log()).not.toContain('not-a-token-at-all');
    expect(JSON.stringify(gateway.auditRecords())).not.toContain('not-a-token-at-all');
  });

  it('records each refusal with who, what and why', () => {
    const refused = gateway.auditRecords().filter(({ stage }) => stage === 'refused');
    const run = refused.find(({ request }) => request.operation === 'ContainerCreate');
    expect(run).toMatchObject({
      principal: { name: 'viewer', roles: ['viewer'], method: 'certificate' },
      request: { method: 'POST', path: '/v1.41/containers/create', class: 'lifecycle', apiVersion: '1.41' },
      decision: { effect: 'deny', reason: 'not-granted' },
      outcome: { status: 403 },
    });
    expect(
      refused.some(({ principal, decision }) => principal === null && decision.reason === 'no-identity'),
    ).toBe(true);
  });

  it('names the socket while the Engine is down', async () => {
    const lonely = await startGateway({ engineSocket: `${gateway.dir}/no.sock` });
    const target = { host: lonely.host, certPath: lonely.certPath('admin') };
    const refused = await answer('run --rm busybox true', target);
    await lonely.stop();
    expect(refused).toEqual({
      code: 125,
      stdout: '',
      stderr: expect.stringMatching(
        /^docker: Error response from daemon: quaywarden: no Docker Engine answers at \S+\/no\.sock \(ENOENT\); .* \[engine-down\]\.\n/,
      ),
    });
  });
});
