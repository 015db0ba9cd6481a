/**
 * What follows from a graph alone, computed when it is first asked for. A graph never changes. The last one is remembered
 * by itself: the rules ask for the same many times in a row.
 */
export function oncePerGraph<Graph extends object, Value extends object>(
  compute: (graph: Graph) => Value,
): (graph: Graph) => Value {
  const known = new WeakMap<Graph, Value>();
  let lastGraph: Graph | undefined;
  let lastValue: Value | undefined;
  return (graph) => {
    if (graph === lastGraph && lastValue !== undefined) return lastValue;
    const value = known.get(graph) ?? compute(graph);
    known.set(graph, value);
    lastGraph = graph;
    lastValue = value;
    return value;
  };
}
