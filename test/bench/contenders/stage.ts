import { type Engine, startEngine } from '../../support/engine.ts';
import { freePort } from '../../support/free-port.ts';
import type { Gateway } from '../../support/gateway.ts';
import { type Load, startLoad } from '../load/measure.ts';
import { bareNode, recordingNode } from './bare-node.ts';
import type { Contender } from './contender.ts';
import { type Folder, makeFolder, startFullGateway } from './folder.ts';
import { haproxy } from './haproxy.ts';
import { nginx } from './nginx.ts';
import { type RunningProxy, startProxy } from './proxy.ts';

/** One Engine, everybody in front of it, and the load generator. */
export interface Stage {
  readonly engine: Engine;
  /** The Engine's own TLS port. */
  readonly enginePort: number;
  readonly folder: Folder;
  readonly gateway: Gateway;
  readonly haproxy: RunningProxy;
  readonly nginx: RunningProxy;
  readonly node: RunningProxy;
  readonly contenders: readonly Contender[];
  readonly load: Load;
  stop(): Promise<void>;
}

/** Starts all contenders with the same certificates, asked by the same developer. */
export async function startStage(): Promise<Stage> {
  const closing: (() => unknown)[] = [];
  const stop = async (): Promise<void> => {
    for (const close of closing.reverse()) await close();
  };
  // Whatever is started here or in front of this Engine waits for the process's exit.
  process.setMaxListeners(40);
  try {
    const folder = await makeFolder();
    const { certificates, developer: certs } = folder;
    const enginePort = await freePort();
    const engine = await startEngine({ tls: { port: enginePort, ...certificates } });
    closing.push(() => engine.destroy());
    const gateway = await startFullGateway(folder, { engineSocket: engine.socket });
    closing.push(() => gateway.stop());
    const start = async (kind: Parameters<typeof startProxy>[0]): Promise<RunningProxy> => {
      const proxy = await startProxy(kind, engine.socket, certificates);
      closing.push(() => proxy.stop());
      return proxy;
    };
    const many = await start(haproxy());
    const one = await start(haproxy(1));
    const byNginx = await start(nginx);
    const byNode = await start(bareNode);
    const recording = await start(recordingNode);
    const load = startLoad();
    closing.push(() => load.stop());
    const through = ({ port }: { readonly port: number }) => ({ port, certs });
    return {
      ...{ engine, enginePort, folder, gateway, haproxy: many, nginx: byNginx, node: byNode, load, stop },
      contenders: [
        { name: 'gateway', pid: gateway.pid, target: through(gateway) },
        { name: 'haproxy', pid: many.pid, target: through(many) },
        { name: 'haproxy, 1 thread', pid: one.pid, target: through(one) },
        { name: 'nginx', pid: byNginx.pid, target: through(byNginx) },
        { name: 'node', pid: byNode.pid, target: through(byNode) },
        { name: 'node, recording', pid: recording.pid, target: through(recording) },
        { name: 'dockerd', pid: null, target: through({ port: enginePort }) },
        { name: 'socket', pid: null, target: { socket: engine.socket } },
      ],
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
