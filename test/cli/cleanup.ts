import { request } from 'node:http';

/** Removes from the Engine, on its own socket, every container, network, volume and image whose name holds `id`. */
export async function removeNamed(socket: string, id: string): Promise<void> {
  const named = encodeURIComponent(JSON.stringify({ name: [id] }));
  const containers = await list(socket, `/containers/json?all=1&filters=${named}`);
  for (const { Id } of containers) await ask(socket, 'DELETE', `/containers/${Id}?force=1&v=1`);
  const [networks, volumes, images] = await Promise.all([
    list(socket, `/networks?filters=${named}`),
    ask(socket, 'GET', `/volumes?filters=${named}`),
    list(socket, '/images/json'),
  ]);
  for (const { Id } of networks) await ask(socket, 'DELETE', `/networks/${Id}`);
  for (const { Name } of (JSON.parse(volumes) as { Volumes: { Name: string }[] }).Volumes) {
    await ask(socket, 'DELETE', `/volumes/${Name}?force=1`);
  }
  const tags = images.flatMap((image) => [...(image.RepoTags ?? []), ...(image.RepoDigests ?? [])]);
  for (const tag of tags.filter((tag) => tag.includes(id)))
    await ask(socket, 'DELETE', `/images/${tag}?force=1`);
}

interface Listed {
  readonly Id: string;
  readonly RepoTags?: readonly string[];
  readonly RepoDigests?: readonly string[];
}

async function list(socket: string, path: string): Promise<Listed[]> {
  return JSON.parse(await ask(socket, 'GET', path)) as Listed[];
}

function ask(socketPath: string, method: string, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const req = request({ socketPath, method, path }, (res) => {
      let body = '';
      res.setEncoding('utf8');
      res.on('data', (part) => {
        body += part;
      });
      res.on('end', () => resolve(body));
    });
    req.on('error', reject).end();
  });
}
