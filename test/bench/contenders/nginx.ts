import { type Kind, PATHS, write } from './proxy.ts';

/**
 * Debian's nginx: the gateway's certificates, client certificates required, TLS 1.3, a list of allowed paths, one
 * worker a CPU, and kept-alive connections to the Engine. It logs nothing and buffers nothing. Connections are kept for
 * any number of requests, as the others keep them.
 */
export const nginx: Kind = {
  command: 'nginx',
  configure: ({ port, dir, certificates, engineSocket }) => {
    const { certificate, key, clientCa } = certificates;
    const config = `daemon off;
user root;
worker_processes auto;
worker_rlimit_nofile 20000;
pid ${dir}/nginx.pid;
error_log ${dir}/error.log crit;
events { worker_connections 9000; }
http {
  access_log off;
  client_max_body_size 0;
  proxy_temp_path ${dir}/proxy;
  client_body_temp_path ${dir}/body;
  fastcgi_temp_path ${dir}/fastcgi;
  uwsgi_temp_path ${dir}/uwsgi;
  scgi_temp_path ${dir}/scgi;
  upstream engine {
    server unix:${engineSocket};
    keepalive 64;
    keepalive_requests 1000000000;
  }
  map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
  server {
    listen 127.0.0.1:${port} ssl backlog=4096;
    ssl_certificate ${certificate};
    ssl_certificate_key ${key};
    ssl_client_certificate ${clientCa};
    ssl_verify_client on;
    ssl_protocols TLSv1.3;
    keepalive_requests 1000000000;
    location / { return 403; }
    location ~ ^(/v1\\.[0-9]+)?/(${PATHS})$ {
      proxy_pass http://engine;
      proxy_http_version 1.1;
      proxy_buffering off;
      proxy_request_buffering off;
      proxy_read_timeout 1h;
      proxy_send_timeout 1h;
      proxy_set_header Host docker;
      proxy_set_header Connection $connection_upgrade;
      proxy_set_header Upgrade $http_upgrade;
    }
  }
}
`;
    return ['-p', dir, '-e', `${dir}/error.log`, '-c', write(dir, 'nginx.conf', config)];
  },
};
