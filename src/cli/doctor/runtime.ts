import { about, type Finding } from './finding.ts';

const OLDEST = [20, 20] as const;

/** Whether this Node can run the gateway. */
export function checkRuntime(version = process.versions.node): Finding {
  const { ok, fail } = about('Node');
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])
    ? ok(`version ${version}`)
    : fail(`version ${version} is too old`, `install Node ${OLDEST.join('.')} or newer`);
}
