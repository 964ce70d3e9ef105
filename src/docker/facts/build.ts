import { ULIMIT } from '../body/models/resources.ts';
import { array, field, map, string, struct } from '../body/types.ts';
import type { ApiRequest } from '../types.ts';
import { jsonParameter, STRINGS, TEXTS } from './build-query.ts';
import { indexed } from './field.ts';
import { extraHosts } from './host-config/names.ts';
import { networkMode } from './host-config/network-mode.ts';
import { resources } from './host-config/resources.ts';
import { cgroupParent } from './host-config/runtime.ts';
import { securityOpt } from './host-config/security-opt.ts';
import { imageFact, tagFact } from './image.ts';
import { mergeFacts } from './merge.ts';
import type { BuildFacts, Facts, ImageFact } from './types.ts';

/** What BuildKit is to make of a build (moby, api/types/client.go, ImageBuildOutput). */
const OUTPUTS = array(
  struct('ImageBuildOutput', {
    Type: field(string, 'the exporter'),
    Attrs: field(map(string), 'options of the exporter'),
  }),
);

/** Fields of `Resources` by the parameters that stand for them. */
const LIMITS = {
  Memory: 'memory',
  MemorySwap: 'memswap',
  CpuPeriod: 'cpuperiod',
  CpuQuota: 'cpuquota',
  ShmSize: 'shmsize',
} as const;

/** Those that BuildKit reads; the others bind the classic builder only (moby, builder/builder-next/builder.go). */
const LIMITS_OF_BUILDKIT: ReadonlySet<string> = new Set(['shmsize']);

/** `remote` of a build whose context comes through a session, not from an address. */
const SESSIONS = new Set(['client-session', 'upload-request']);

/** ImageBuild: all that its query asks for. What the Dockerfile says is not in it. */
export function buildFacts(api: ApiRequest): Partial<Facts> {
  const { query } = api;
  const list = (name: string) => (query[name] ?? []) as readonly string[];
  const text = (name: string) => (query[name] ?? '') as string;
  return mergeFacts(
    {
      runs: 'build',
      tags: [...tags(list('t')), ...outputTags(api)],
      images: (jsonParameter(api, 'cachefrom', STRINGS) ?? []).map((name, index) =>
        imageFact(indexed('query cachefrom', index), name),
      ),
      labels: jsonParameter(api, 'labels', TEXTS) ?? {},
      environment: Object.keys(jsonParameter(api, 'buildargs', TEXTS) ?? {}),
    },
    networkMode('query networkmode', text('networkmode')),
    extraHosts('query extrahosts', list('extrahosts')),
    cgroupParent('query cgroupparent', text('cgroupparent')),
    securityOpt('query securityopt', list('securityopt')),
    limits(api),
    { build: builder(api) },
  );
}

function tags(names: readonly string[]): readonly ImageFact[] {
  return names.flatMap((name, index) => (name === '' ? [] : [tagFact(indexed('query t', index), name)]));
}

function limits(api: ApiRequest): Partial<Facts> {
  const given = Object.entries(LIMITS).flatMap(([name, parameter]) => {
    const value = api.query[parameter];
    const holds = !isBuildKit(api) || LIMITS_OF_BUILDKIT.has(parameter);
    return holds && typeof value === 'bigint' ? [[name, value] as const] : [];
  });
  const ulimits = jsonParameter(api, 'ulimits', array(ULIMIT)) ?? [];
  const names: Readonly<Record<string, string>> = LIMITS;
  return resources((name) => `query ${names[name] ?? name.toLowerCase()}`, {
    ...Object.fromEntries(given),
    Ulimits: ulimits,
  });
}

/** Whether a build is for BuildKit, and not for the classic builder. */
export function isBuildKit({ query }: ApiRequest): boolean {
  return query['version'] === '2';
}

function builder(api: ApiRequest): BuildFacts {
  const { remote: address = '', session = '' } = api.query;
  const remote = String(address);
  // A session that is merely named counts: Engines of the classic builder wait for it, and could ask it for anything.
  const opaque = SESSIONS.has(remote) || (remote === '' && session !== '');
  const context = opaque ? 'session' : remote === '' ? 'archive' : 'remote';
  const outputs = outputsOf(api).map(({ Type = '', field: at }) => ({ field: at, type: Type }));
  return {
    context,
    builder: isBuildKit(api) ? 'buildkit' : 'classic',
    baseImages: null,
    ...(outputs.length === 0 ? {} : { outputs }),
    ...(context === 'remote' ? { remote: { field: 'query remote', url: withoutSecrets(remote) } } : {}),
  };
}

/** What BuildKit is to make, each with the field that says it. */
function outputsOf(api: ApiRequest) {
  const given = jsonParameter(api, 'outputs', OUTPUTS) ?? [];
  return given.map((output, index) => ({ ...output, field: indexed('query outputs', index) }));
}

/** An exporter may name images too: `name`, with commas between several. */
function outputTags(api: ApiRequest): readonly ImageFact[] {
  return outputsOf(api).flatMap(({ Attrs = {}, field: at }) =>
    (Attrs['name'] ?? '')
      .split(',')
      .filter((name) => name !== '')
      .map((name) => tagFact(`${at}.Attrs.name`, name)),
  );
}

/** An address may hold a user, a password and a token. */
function withoutSecrets(url: string): string {
  return url.replace(/\/\/[^/?#]*@/, '//').replace(/\?[^#]*/, '');
}
