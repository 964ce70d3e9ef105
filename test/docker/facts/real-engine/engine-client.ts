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
  tried(body: object): Promise<Inspected | string>;
  /** Runs a container to its end. @returns what it wrote, or null when the Engine would not make or start it */
  run(body: object): Promise<string | null>;
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
  readonly NetworkSettings: {
    readonly Networks: Readonly<Record<string, { readonly NetworkID: string }>>;
    readonly Ports?: Readonly<Record<string, readonly { readonly HostPort: string }[] | null>>;
  };
  readonly AppArmorProfile: string;
}

/** @param socketPath the Engine's socket */
export function engineClient(socketPath: string): EngineClient {
  const agent = new Agent({ keepAlive: true, maxSockets: 2 });

  const asked = (method: string, path: string, body?: unknown) =>
    new Promise<{ status: number; bytes: Buffer }>((resolve, reject) => {
      const headers = body === undefined ? {} : { 'content-type': 'application/json' };
      const req = request({ socketPath, agent, method, path, headers }, (res) => {
        const chunks: Buffer[] = [];
        res
          .on('data', (chunk: Buffer) => chunks.push(chunk))
          .on('end', () => resolve({ status: res.statusCode ?? 0, bytes: Buffer.concat(chunks) }));
      });
      req.on('error', reject).end(body === undefined ? undefined : JSON.stringify(body));
    });

  const call: EngineClient['call'] = async (method, path, body) => {
    const { status, bytes } = await asked(method, path, body);
    return { status, body: bytes.length === 0 ? null : JSON.parse(bytes.toString()) };
  };

  /** The container is gone afterwards, and its volumes too: named ones would stay behind. */
  const inspectedAndRemoved = async (id: string): Promise<Inspected> => {
    const { body } = await call('GET', `/v1.41/containers/${id}/json`);
    const inspected = body as Inspected;
    await call('DELETE', `/v1.41/containers/${id}?v=1&force=1`);
    for (const { Type, Name = '' } of inspected.Mounts) {
      if (Type === 'volume') await call('DELETE', `/v1.41/volumes/${encodeURIComponent(Name)}`);
    }
    return inspected;
  };

  return {
    call,
    async tried(body) {
      const made = await call('POST', '/v1.41/containers/create', { Image: 'busybox', ...body });
      if (made.status !== 201) return (made.body as { message: string }).message;
      return inspectedAndRemoved((made.body as { Id: string }).Id);
    },
    async run(body) {
      const made = await call('POST', '/v1.41/containers/create', { Image: 'busybox', Tty: true, ...body });
      if (made.status !== 201) return null;
      const { Id: id } = made.body as { Id: string };
      const { status } = await call('POST', `/v1.41/containers/${id}/start`);
      if (status === 204) await call('POST', `/v1.41/containers/${id}/wait`);
      const logs = await asked('GET', `/v1.41/containers/${id}/logs?stdout=1`);
      await inspectedAndRemoved(id);
      return status === 204 ? logs.bytes.toString().replaceAll('\r\n', '\n') : null;
    },
    close: () => agent.destroy(),
  };
}
