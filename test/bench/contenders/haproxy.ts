import { readFileSync } from 'node:fs';
import { type Kind, PATHS, write } from './proxy.ts';

/**
 * Debian's haproxy: the gateway's certificates, client certificates required, TLS 1.3, a list of allowed paths, and
 * kept-alive connections to the Engine. It logs nothing.
 *
 * @param threads how many; as many as there are CPUs when left out, which is its own default
 */
export function haproxy(threads?: number): Kind {
  return {
    command: 'haproxy',
    configure: ({ port, dir, certificates, engineSocket }) => {
      const { certificate, key, clientCa } = certificates;
      const pem = write(dir, 'server.pem', `${readFileSync(certificate)}\n${readFileSync(key)}`);
      const config = `global
  maxconn 8000
${threads === undefined ? '' : `  nbthread ${threads}\n`}defaults
  mode http
  timeout connect 5s
  timeout client 1h
  timeout server 1h
  timeout tunnel 1h
frontend clients
  bind 127.0.0.1:${port} ssl crt ${pem} ca-file ${clientCa} verify required ssl-min-ver TLSv1.3
  http-request deny unless { path_reg ^(/v1\\.[0-9]+)?/(${PATHS})$ }
  default_backend engine
backend engine
  server engine unix@${engineSocket}
`;
      return ['-db', '-f', write(dir, 'haproxy.cfg', config)];
    },
  };
}
