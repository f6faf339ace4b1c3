/** An IPv6 address as eight numbers; undefined when it is none. A dotted tail (`::ffff:10.0.0.1`) is read, too. */
const groupsOf = (address: string): number[] | undefined => {
  const tail = /(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address)?.slice(1).map(Number);
  const text =
    tail === undefined
      ? address
      : address.replace(
          /[\d.]+$/,
          `${(tail[0] * 256 + tail[1]).toString(16)}:${(tail[2] * 256 + tail[3]).toString(16)}`,
        );
  const halves = text.replace(/%.*$/, '').split('::');
  const [head = [], rest = []] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const gap = halves.length === 2 ? 8 - head.length - rest.length : 0;
  const groups = [...head, ...new Array<string>(Math.max(0, gap)).fill('0'), ...rest];
  return groups.length === 8 && groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))
    ? groups.map((group) => Number.parseInt(group, 16))
    : undefined;
};

/** `[first address, bits]` of what is not for everyone: IANA's special-purpose registry, and multicast. */
const closed4: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
];

const number4 = (address: string): number => address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);

const isPublic4 = (address: number): boolean =>
  !closed4.some(
    ([first, bits]) => Math.floor(address / 2 ** (32 - bits)) === Math.floor(number4(first) / 2 ** (32 - bits)),
  );

const isPublic6 = (groups: readonly number[]): boolean => {
  const [a, b] = groups;
  const embedded = groups[6] * 65_536 + groups[7];
  const zero = (from: number, to: number) => groups.slice(from, to).every((group) => group === 0);
  // IPv4 in the clothes of IPv6: mapped (::ffff:0:0/96) and NAT64 (64:ff9b::/96) are judged by what they wrap.
  if (zero(0, 5) && groups[5] === 0xffff) return isPublic4(embedded);
  if (a === 0x64 && b === 0xff9b && zero(2, 6)) return isPublic4(embedded);
  // Global unicast is 2000::/3; within it, IETF assignments and Teredo (2001::/23), 6to4 (2002::/16) and documentation.
  if (a < 0x2000 || a > 0x3fff) return false;
  return (
    !(a === 0x2001 && b < 0x200) && !(a === 0x2001 && b === 0xdb8) && a !== 0x2002 && !(a === 0x3fff && b < 0x1000)
  );
};

/** Whether an IP address is one of the open internet: not of this machine, its networks, or a cloud's metadata service. */
export const isPublicAddress = (address: string): boolean => {
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(address)) return isPublic4(number4(address));
  const groups = groupsOf(address);
  return groups !== undefined && isPublic6(groups);
};
