import { areSeveral, type ConfiguredEngine, enginesOf } from '../../config/engines.ts';
import type { Config } from '../../config/schema.ts';
import { probeEngine } from '../../upstream/probe.ts';
import { about, type Finding } from './finding.ts';

/** Below it nobody tests this gateway. */
const OLDEST_ENGINE = [20, 10] as const;

/** Whether each Engine answers, and speaks versions that the gateway passes on. */
export async function checkEngines(config: Config): Promise<Finding[]> {
  const subject = ({ name }: ConfiguredEngine): string => (areSeveral(config) ? `Engine ${name}` : 'Engine');
  const found = enginesOf(config).map((engine) => checkEngine(subject(engine), engine, config.api));
  return (await Promise.all(found)).flat();
}

async function checkEngine(
  subject: string,
  engine: ConfiguredEngine,
  api: Config['api'],
): Promise<Finding[]> {
  const { ok, warn, fail } = about(subject);
  const probe = await probeEngine(engine);
  if (!probe.reachable) {
    const split = probe.error.indexOf('; ');
    const [sentence, advice] =
      split === -1
        ? [probe.error, `check ${engine.key}.address`]
        : [probe.error.slice(0, split), probe.error.slice(split + 2)];
    return [fail(sentence, advice)];
  }
  const { version, apiVersion, minApiVersion } = probe;
  const findings = [ok(`version ${version} at ${engine.address}, API ${minApiVersion} to ${apiVersion}`)];
  if (minor(apiVersion) < minor(api.floor) || minor(minApiVersion) > minor(api.ceiling)) {
    findings.push(
      fail(
        `it speaks API ${minApiVersion} to ${apiVersion}, the gateway takes ${api.floor} to ${api.ceiling}: none in common`,
        'set api.floor and api.ceiling so that they overlap',
      ),
    );
  }
  const [major = 0, release = 0] = version.split('.').map((part) => Number.parseInt(part, 10));
  if (major < OLDEST_ENGINE[0] || (major === OLDEST_ENGINE[0] && release < OLDEST_ENGINE[1])) {
    findings.push(
      warn(
        `version ${version} is older than ${OLDEST_ENGINE.join('.')}, the oldest this gateway is tested with`,
        'upgrade the Engine',
      ),
    );
  }
  return findings;
}

function minor(version: string): number {
  return Number(version.slice('1.'.length));
}
