/**
 * A port of which some members are others, and all the rest is the real one's: a transport whose commits are refused, a
 * claim that is slow.
 */
export function portWith<Port extends object>(port: Port, members: Partial<NoInfer<Port>>): Port {
  return new Proxy(port, {
    get: (real, name) => {
      if (Object.hasOwn(members, name)) return Reflect.get(members, name);
      const member: unknown = Reflect.get(real, name);
      // Of a class with private fields: it has to be called on the real one.
      return typeof member === 'function' ? member.bind(real) : member;
    },
  });
}
