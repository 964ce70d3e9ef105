import { connect } from 'node:net';
import { JsonNumber, type JsonValue, parseJson } from '../../../src/docker/strict-json.ts';
import { http, json } from '../../support/front-door.ts';
import { type Answer, readAnswer } from '../../support/http.ts';

const PATIENCE_MS = 20_000;

/** A real Engine without a gateway in front of it, to see what bytes do there. */
export interface EngineSocket {
  /** Sends bytes as they are on a connection of their own, and reads the first answer. */
  send(bytes: string | Buffer): Promise<Answer>;
  /** Everything that there is on it: ids and names of containers, volumes, networks, images. */
  inventory(): Promise<readonly string[]>;
  /** What ContainerInspect answers, with numbers as they are written. */
  inspect(container: string): Promise<unknown>;
  /** Removes what is not in an earlier inventory. */
  restore(inventory: readonly string[]): Promise<void>;
}

export function engineSocket(path: string): EngineSocket {
  const send: EngineSocket['send'] = (bytes) => exchange(path, bytes);
  const list = async (target: string): Promise<readonly Record<string, unknown>[]> => {
    const listed = JSON.parse((await send(http(`GET ${target}`))).body) as unknown;
    return (Array.isArray(listed) ? listed : ((listed as { Volumes: unknown }).Volumes ?? [])) as never;
  };
  const inventory: EngineSocket['inventory'] = async () => {
    const all = [
      ...(await list('/v1.41/containers/json?all=1')).map(({ Id, Names }) => `containers/${Id} ${Names}`),
      ...(await list('/v1.41/volumes')).map(({ Name }) => `volumes/${Name}`),
      ...(await list('/v1.41/networks')).map(({ Id, Name }) => `networks/${Id} ${Name}`),
      ...(await list('/v1.41/images/json')).flatMap(({ RepoTags }) =>
        (RepoTags as string[]).map((tag) => `images/${tag}`),
      ),
    ];
    return all.sort();
  };
  return {
    send,
    inventory,
    inspect: async (container) => {
      const { body } = await send(http(`GET /v1.41/containers/${container}/json`));
      return plainOf(parseJson(Buffer.from(body, 'latin1').toString()));
    },
    restore: async (before) => {
      for (const each of await inventory()) {
        const [object = ''] = each.split(' ');
        if (!before.includes(each)) await send(http(`DELETE /v1.41/${object}?force=1`));
      }
    },
  };
}

/** Makes a container, a volume and a network of another tenant: bobc, bobv and bobn. Nothing runs. */
export async function makeBobs({ send }: EngineSocket): Promise<void> {
  for (const name of ['bobc', 'alicec']) {
    await send(
      json(
        `POST /v1.41/containers/create?name=${name}`,
        '{"Image":"busybox","Cmd":["true"],"HostConfig":{"NetworkMode":"none"}}',
      ),
    );
  }
  await send(json('POST /v1.41/volumes/create', '{"Name":"bobv"}'));
  await send(json('POST /v1.41/networks/create', '{"Name":"bobn","Internal":true,"CheckDuplicate":true}'));
}

function exchange(path: string, bytes: string | Buffer): Promise<Answer> {
  const method = String(bytes).split(' ', 1)[0] ?? 'GET';
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    let received = '';
    const timer = setTimeout(
      () => finish(new Error(`no whole answer in ${JSON.stringify(received)}`)),
      PATIENCE_MS,
    );
    const finish = (outcome: Answer | Error): void => {
      clearTimeout(timer);
      socket.destroy();
      if (outcome instanceof Error) reject(outcome);
      else resolve(outcome);
    };
    socket.on('error', finish);
    socket.on('end', () => finish(new Error(`closed after ${JSON.stringify(received)}`)));
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
      try {
        finish(readAnswer(received, method));
      } catch {
        // Not whole yet.
      }
    });
    socket.write(bytes);
  });
}

/** As JSON.parse would give it, but for integers that it would round: they are texts. */
function plainOf(value: JsonValue): unknown {
  if (value instanceof JsonNumber)
    return Number.isSafeInteger(Number(value.text)) ? Number(value.text) : value.text;
  if (Array.isArray(value)) return value.map(plainOf);
  if (value instanceof Map)
    return Object.fromEntries([...value].map(([key, member]) => [key, plainOf(member)]));
  return value;
}
