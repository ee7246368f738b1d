/** Ends the process when this Node is too old for the set-up scripts; everything else runs on the Node 24 that npm brings. */
export function requireNode(least) {
  if (Number(process.versions.node.split('.')[0]) >= least) return;
  process.stderr.write(
    `error: Node ${process.versions.node} is too old, ${least} or newer is needed\nremedy: install an LTS Node from https://nodejs.org\n`,
  );
  process.exit(1);
}
