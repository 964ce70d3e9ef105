/** One command of the docker CLI, `@` standing for a prefix of the run's own in every name. */
export interface Step {
  readonly args: readonly string[];
  readonly input?: string;
  /** Rows of its output come in no order. */
  readonly isUnordered?: boolean;
}

const REMOTE = '127.0.0.1:5000/@/busybox:1';
const words = (line: string): readonly string[] => line.split(' ');
const step = (line: string, more: Partial<Step> = {}): Step => ({ args: words(line), ...more });
const sh = (line: string, script: string, more: Partial<Step> = {}): Step => ({
  args: [...words(line), 'sh', '-c', script],
  ...more,
});
const formatted = (line: string, format: string, more: Partial<Step> = {}): Step => ({
  args: [...words(line), '--format', format],
  ...more,
});

/** What a user does in a day, in an order in which each finds what it needs. `@/` is a folder of the run's own. */
export const STEPS: readonly Step[] = [
  formatted('version', '{{.Server.Os}} {{.Server.Arch}}'),
  formatted('info', '{{.OSType}} {{.Swarm.LocalNodeState}}'),
  formatted('images busybox', '{{.Repository}}:{{.Tag}}'),
  step('run --rm busybox echo hi'),
  sh('run --rm busybox', 'echo out; echo err >&2; exit 7'),
  step('run -i --rm busybox cat', { input: 'piped in\n' }),
  sh(
    'run --rm -e COLOUR=blue -w /tmp -u 65534:1 -h box busybox',
    'echo $COLOUR $(pwd) $(id -u):$(id -g) $(hostname)',
  ),
  sh('run --rm --read-only --tmpfs /mem busybox', 'touch /a; touch /mem/b && ls /mem'),
  step('run --rm --network none busybox ls /sys/class/net'),
  sh('run --rm -v @/:/shared:ro busybox', 'cat /shared/note'),
  step('run --rm no-such-image-@'),
  sh(
    'run -d --name @web -p 127.0.0.1::80 --label who=@ busybox',
    'trap "exit 0" TERM; echo up; sleep 1000 & wait',
  ),
  formatted('ps --filter name=@web', '{{.Names}} {{.Image}} {{.State}}'),
  formatted('ps --filter label=who=@', '{{.Names}}'),
  formatted('inspect @web', '{{.Name}} {{.State.Status}} {{.Config.Image}} {{index .Config.Labels "who"}}'),
  step('inspect @nobody'),
  step('exec @web echo inside'),
  step('exec -i @web cat', { input: 'to exec\n' }),
  sh('exec -e A=1 -u nobody -w /tmp @web', 'echo $A $(id -un) $(pwd); exit 3'),
  step('exec -d @web true'),
  step('exec @web no-such-command'),
  step('logs @web'),
  step('logs --tail 1 @web'),
  step('top @web -o comm', { isUnordered: true }),
  formatted('stats --no-stream @web', '{{.Name}}'),
  step('cp @/note @web:/tmp/note'),
  step('exec @web cat /tmp/note'),
  step('cp @web:/tmp/note @/back'),
  step('cp @web:/no/such/file @/back'),
  step('diff @web'),
  step('rename @web @www'),
  step('pause @www'),
  step('unpause @www'),
  step('update -m 64m --memory-swap 64m @www'),
  step('restart -t 1 @www'),
  step('kill -s KILL @www'),
  step('wait @www'),
  step('commit @www @image:1'),
  step('rm @www'),
  step('rm @nobody'),
  sh('create --name @made busybox', 'echo made'),
  step('start -a @made'),
  step('rm -f @made'),
  step('network create @net'),
  formatted('network ls --filter name=@net', '{{.Name}} {{.Driver}}'),
  step('run -d --name @one --network @net busybox sleep 60'),
  formatted('inspect @one', '{{range $k, $v := .NetworkSettings.Networks}}{{$k}} {{end}}'),
  step('network disconnect @net @one'),
  step('network connect @net @one'),
  step('network rm @net'),
  step('rm -f @one'),
  step('network rm @net'),
  step('volume create @vol'),
  formatted('volume ls --filter name=@vol', '{{.Name}} {{.Driver}}'),
  sh('run --rm -v @vol:/data busybox', 'echo kept > /data/a'),
  sh('run --rm --mount type=volume,src=@vol,dst=/data busybox', 'cat /data/a'),
  step('volume rm @vol'),
  step('volume rm @vol'),
  step('tag busybox @image:2'),
  formatted('history busybox', '{{.CreatedBy}}'),
  step(`tag busybox ${REMOTE}`),
  step(`push -q ${REMOTE}`),
  step(`rmi ${REMOTE}`),
  step(`pull -q ${REMOTE}`),
  step(`rmi ${REMOTE}`),
  step('save -o @/saved.tar @image:2'),
  step('rmi @image:2'),
  step('load -q -i @/saved.tar'),
  step('rmi @image:2'),
  step('rmi @image:1'),
  step('build -q -t @built @/context'),
  step('run --rm @built'),
  step('rmi @built'),
  formatted('system df', '{{.Type}}', { isUnordered: true }),
  step('container prune -f --filter label=who=@'),
  step('service ls'),
  step('secret ls'),
  step('plugin ls'),
];
