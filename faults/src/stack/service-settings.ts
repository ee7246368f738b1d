/** A process of Ecluse in the stack under test; the second ones are there for cases with two of each. */
export type ServiceName = 'ingress' | 'ingress-2' | 'worker' | 'worker-2' | 'admin-api';
/** Services that a case may start beside the first. */
export type SecondName = Extract<ServiceName, `${string}-2`>;
/** What the second ones listen on. */
export type SecondPorts = Readonly<Record<'secondDoor' | 'secondWorkerHealth', number>>;
/** Settings that a case adds or replaces, by service. */
export type Overrides = Partial<Readonly<Record<ServiceName, Readonly<Record<string, string>>>>>;

/** How one service process is started. */
export interface ServiceStart {
  readonly name: ServiceName;
  /** Entry point below the checkout. */
  readonly entry: string;
  readonly env: Readonly<Record<string, string>>;
  readonly readyUrl: string;
  readonly stopGraceMs: number;
}
/** What the local stack plans for a service. */
type Planned = Omit<ServiceStart, 'name'> & { readonly name: string };

/** The plan of the local stack, with a second ingress and worker on ports of their own, and with what a case changes. */
export function serviceStarts(
  planned: readonly Planned[],
  ports: SecondPorts,
  overrides: Overrides,
): ServiceStart[] {
  const named = planned.map((each) => ({ ...each, name: each.name as ServiceName }));
  const second = (name: SecondName, portVariable: string, port: number): ServiceStart => {
    const first = named.find((each) => `${each.name}-2` === name);
    if (first === undefined) throw new Error(`the local stack plans no first ${name}`);
    return {
      ...first,
      name,
      env: { ...withoutMetrics(first.env), [portVariable]: String(port) },
      readyUrl: `http://127.0.0.1:${String(port)}/health/ready`,
    };
  };
  const seconds = [
    second('ingress-2', 'ECLUSE_DOOR_PORT', ports.secondDoor),
    second('worker-2', 'ECLUSE_WORKER_HEALTH_PORT', ports.secondWorkerHealth),
  ];
  return [...named, ...seconds].map((start) => ({
    ...start,
    env: { ...start.env, ...overrides[start.name] },
  }));
}

/** The first ones have those ports. */
function withoutMetrics(env: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.endsWith('_METRICS_PORT')));
}
