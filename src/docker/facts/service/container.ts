import type { ContainerSpec } from '../../body/models/container-spec.ts';
import { environment } from '../environment.ts';
import { indexed } from '../field.ts';
import { capability, droppedCapability } from '../host-config/capabilities.ts';
import { dns } from '../host-config/names.ts';
import { sysctls } from '../host-config/sysctls.ts';
import { imageFact } from '../image.ts';
import { mergeFacts } from '../merge.ts';
import { registryOfName } from '../registry-address.ts';
import type { Facts } from '../types.ts';
import { userFact } from '../user.ts';
import { workingDir } from '../working-dir.ts';
import { serviceMounts } from './mounts.ts';
import { privileges } from './privileges.ts';
import { references } from './references.ts';

const AT = 'TaskTemplate.ContainerSpec';

/** The containers of a service, in the words of any container. */
export function containerSpecFacts(spec: ContainerSpec): Partial<Facts> {
  const { Command = [], Args = [], Groups = [], OomScoreAdj = 0n } = spec;
  return mergeFacts(
    image(spec.Image),
    {
      labels: spec.Labels ?? {},
      command: [...Command, ...Args],
      user: userFact(`${AT}.User`, spec.User ?? ''),
      groups: Groups.map((name, index) => ({ field: indexed(`${AT}.Groups`, index), name })),
      oomScoreAdj: OomScoreAdj === 0n ? null : { field: `${AT}.OomScoreAdj`, value: OomScoreAdj },
    },
    capabilities(spec),
    environment(`${AT}.Env`, spec.Env),
    workingDir(`${AT}.Dir`, spec.Dir),
    privileges(`${AT}.Privileges`, spec.Privileges),
    serviceMounts(`${AT}.Mounts`, spec.Mounts),
    sysctls(`${AT}.Sysctls`, spec.Sysctls),
    dns(`${AT}.DNSConfig.Nameservers`, spec.DNSConfig?.Nameservers),
    hosts(spec.Hosts),
    references(AT, spec),
  );
}

/** Nodes pull it, whatever it looks like: what may be an id is a name to a registry. */
function image(text = ''): Partial<Facts> {
  if (text === '') return {};
  const field = `${AT}.Image`;
  const fact = imageFact(field, text);
  return { image: fact, images: [fact], ...registryOfName(field, text) };
}

function capabilities({ CapabilityAdd = [], CapabilityDrop = [] }: ContainerSpec): Partial<Facts> {
  return {
    capabilities: {
      added: CapabilityAdd.map((text, index) => ({
        field: indexed(`${AT}.CapabilityAdd`, index),
        name: capability(text),
      })),
      dropped: CapabilityDrop.map(droppedCapability),
    },
  };
}

/** Lines of /etc/hosts: an address and names. Engines so far take the first name only. */
function hosts(lines: readonly string[] = []): Partial<Facts> {
  const extraHosts = lines.flatMap((line, index) => {
    const [address = '', ...names] = line.split(/\s+/).filter((word) => word !== '');
    return names.map((name) => ({ field: indexed(`${AT}.Hosts`, index), name, address }));
  });
  return { names: { extraHosts, dns: [] } };
}
