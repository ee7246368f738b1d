interface Packages {
  packages: Record<string, Record<string, unknown>>;
}
export function isInstalled(lock: Packages, record: Packages): boolean;
export function installDependencies(): Promise<void>;
