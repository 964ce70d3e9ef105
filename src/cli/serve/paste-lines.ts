import { existsSync } from 'node:fs';
import { join } from 'node:path';

const FILES = ['ca.pem', 'cert.pem', 'key.pem'];

/**
 * What one pastes into a shell to use the gateway with the certificates that `init` made.
 *
 * @param folder where the configuration lies
 * @returns no lines when `init` made no certificates there
 */
export function pasteLines(folder: string, { host, port }: { host: string; port: number }): string[] {
  const [admin, viewer] = [join(folder, 'certs/admin'), join(folder, 'certs/viewer')];
  const complete = (certificates: string): boolean =>
    FILES.every((file) => existsSync(join(certificates, file)));
  if (!complete(admin)) return [];
  const url = `tcp://${reachable(host)}:${port}`;
  return [
    'Paste these lines to use it from a shell:',
    `  export DOCKER_HOST=${url}`,
    '  export DOCKER_TLS_VERIFY=1',
    `  export DOCKER_CERT_PATH=${quote(admin)}`,
    'or make a context of it:',
    `  docker context create quaywarden --docker ${quote(endpoint(url, admin), '"')}`,
    ...(complete(viewer) ? [`To look and not touch, use ${viewer} in place of ${admin}.`] : []),
  ];
}

/** The address to name for one that means every address of this machine. */
function reachable(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}

/** One line of comma-separated values, as the docker CLI reads it. */
function endpoint(url: string, folder: string): string {
  const fields = [
    `host=${url}`,
    ...['ca', 'cert', 'key'].map((part) => `${part}=${join(folder, `${part}.pem`)}`),
  ];
  return fields.map((field) => (/[",]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field)).join(',');
}

/** For a POSIX shell; what needs no quotes gets `plain` ones. */
function quote(text: string, plain = ''): string {
  const harmless = /^[\w@%+=:,./[\]-]+$/.test(text);
  return harmless ? `${plain}${text}${plain}` : `'${text.replaceAll("'", "'\\''")}'`;
}
