import { Agent, request } from 'node:http';

/** The real Engine, asked directly. */
export interface EngineClient {
  /** Status and parsed reply. */
  call(
    method: string,
    path: string,
    body?: unknown,
  ): Promise<{ readonly status: number; readonly body: unknown }>;
  /**
   * Makes a container, inspects and removes it (with its anonymous volumes).
   *
   * @returns what inspect shows, or the Engine's message when it refuses
   */
  tried(body: object, version?: number): Promise<Inspected | string>;
  close(): void;
}

/** What of ContainerInspect the tests look at. */
export interface Inspected {
  readonly Config: { readonly Image: string; readonly User: string };
  readonly HostConfig: Readonly<Record<string, unknown>>;
  readonly Mounts: readonly {
    readonly Type: string;
    readonly Name?: string;
    readonly Source: string;
    readonly Driver?: string;
    readonly RW: boolean;
    readonly Propagation: string;
    readonly Mode: string;
    readonly Destination: string;
  }[];
  readonly NetworkSettings: { readonly Networks: Readonly<Record<string, { readonly NetworkID: string }>> };
  readonly AppArmorProfile: string;
}

/** @param socketPath the Engine's socket */
export function engineClient(socketPath: string): EngineClient {
  const agent = new Agent({ keepAlive: true, maxSockets: 2 });

  const call = (method: string, path: string, body?: unknown) =>
    new Promise<{ status: number; body: unknown }>((resolve, reject) => {
      const headers = body === undefined ? {} : { 'content-type': 'application/json' };
      const req = request({ socketPath, agent, method, path, headers }, (res) => {
        const chunks: Buffer[] = [];
        res
          .on('data', (chunk: Buffer) => chunks.push(chunk))
          .on('end', () => {
            const text = Buffer.concat(chunks).toString();
            resolve({ status: res.statusCode ?? 0, body: text === '' ? null : JSON.parse(text) });
          });
      });
      req.on('error', reject).end(body === undefined ? undefined : JSON.stringify(body));
    });

  return {
    call,
    async tried(body, version = 41) {
      const made = await call('POST', `/v1.${version}/containers/create`, { Image: 'busybox', ...body });
      if (made.status !== 201) return (made.body as { message: string }).message;
      const { Id: id } = made.body as { Id: string };
      const inspected = await call('GET', `/v1.${version}/containers/${id}/json`);
      await call('DELETE', `/v1.${version}/containers/${id}?v=1&force=1`);
      // Named volumes stay behind.
      for (const { Type, Name = '' } of (inspected.body as Inspected).Mounts) {
        if (Type === 'volume') await call('DELETE', `/v1.${version}/volumes/${encodeURIComponent(Name)}`);
      }
      return inspected.body as Inspected;
    },
    close: () => agent.destroy(),
  };
}
