/** The share that one request has of the room for bodies. */
export interface RoomShare {
  /** Takes so many bytes more; false when there is no room, and nothing is taken. */
  take(bytes: number): boolean;
  /** Gives everything back; calling it again does nothing, and nothing can be taken after it. */
  giveBack(): void;
}

/**
 * Bytes of bodies held at once, over all connections of this process. Bytes count when they arrive, not when they
 * are announced: who announces much and sends little takes no room from others.
 */
export class InFlightBytes {
  private used = 0;

  /** @param limit Bytes. */
  constructor(private readonly limit: number) {}

  /** Whether so many bytes would find room now. */
  hasRoom(bytes: number): boolean {
    return this.used + bytes <= this.limit;
  }

  share(): RoomShare {
    let held = 0;
    let open = true;
    return {
      take: (bytes) => {
        if (!open || !this.hasRoom(bytes)) return false;
        held += bytes;
        this.used += bytes;
        return true;
      },
      giveBack: () => {
        open = false;
        this.used -= held;
        held = 0;
      },
    };
  }

  /** Bytes held now. */
  get taken(): number {
    return this.used;
  }
}
