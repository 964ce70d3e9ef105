/** `$${` stands for itself; `${NAME}` for a variable; any other `${` is a mistake. */
const REFERENCE = /\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)\}|\$\{/g;

/**
 * Replaces `${NAME}` by the environment variable of that name; `$${` gives `${`. What was put in is not read
 * again. Faults name the variable and never its value.
 */
export function substitute(text: string, env: NodeJS.ProcessEnv): { value: string; faults: string[] } {
  const faults: string[] = [];
  const value = text.replaceAll(REFERENCE, (found, name?: string) => {
    if (found === '$${') return '${';
    if (name === undefined) {
      faults.push(
        `\`\${\` must be followed by the name of an environment variable and \`}\`; write \`$\${\` for the text itself`,
      );
      return found;
    }
    const variable = env[name];
    if (variable === undefined) {
      faults.push(
        `the environment variable ${name} is not set; set it, or write \`$\${${name}}\` for the text itself`,
      );
      return found;
    }
    return variable;
  });
  return { value, faults };
}
