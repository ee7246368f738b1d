/** A process of Ecluse in the stack under test; `ingress-2` is there for cases with two of them. */
export type ServiceName = 'ingress' | 'ingress-2' | 'worker' | 'admin-api';
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

/** The plan of the local stack, with a second ingress on a port of its own, and with what a case changes. */
export function serviceStarts(
  planned: readonly Planned[],
  secondDoorPort: number,
  overrides: Overrides,
): ServiceStart[] {
  const named = planned.map((each) => ({ ...each, name: each.name as ServiceName }));
  const ingress = named.find(({ name }) => name === 'ingress');
  if (ingress === undefined) throw new Error('the local stack plans an ingress');
  const second: ServiceStart = {
    ...ingress,
    name: 'ingress-2',
    env: { ...withoutMetrics(ingress.env), ECLUSE_DOOR_PORT: String(secondDoorPort) },
    readyUrl: `http://127.0.0.1:${String(secondDoorPort)}/health/ready`,
  };
  return [...named, second].map((start) => ({ ...start, env: { ...start.env, ...overrides[start.name] } }));
}

/** The first ingress has that port. */
function withoutMetrics(env: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => name !== 'ECLUSE_INGRESS_METRICS_PORT'));
}
