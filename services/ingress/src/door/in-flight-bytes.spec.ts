import { describe, expect, it } from '@jest/globals';
import { InFlightBytes } from './in-flight-bytes.js';

describe('InFlightBytes', () => {
  it('refuses what would exceed the limit, and takes nothing then', () => {
    const room = new InFlightBytes(10);
    const [one, other] = [room.share(), room.share()];
    expect([one.take(6), other.take(5), other.take(4)]).toEqual([true, false, true]);
    expect([room.taken, room.hasRoom(0), room.hasRoom(1)]).toEqual([10, true, false]);
  });

  it('gives back once, however often it is asked, and lets nothing be taken after', () => {
    const room = new InFlightBytes(10);
    const share = room.share();
    share.take(7);
    share.giveBack();
    share.giveBack();
    expect([room.taken, share.take(1), room.taken]).toEqual([0, false, 0]);
  });
});
