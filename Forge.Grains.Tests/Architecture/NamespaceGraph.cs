using Mono.Cecil;

namespace Forge.Grains.Tests.Architecture;

/// <summary>Which namespaces of one compiled assembly use which others of it. Each is a node of its own, its parent too.</summary>
internal sealed class NamespaceGraph
{
    private readonly Dictionary<string, SortedDictionary<string, string>> _uses = new(StringComparer.Ordinal);

    public NamespaceGraph(string assembly)
    {
        using var module = CompiledProjects.Read(assembly);
        foreach (var type in module.Types.Where(IsOurs))
        {
            foreach (var used in TypeUses.Of(type))
            {
                if (used.Scope == module && Outermost(used) is var other && IsOurs(other) && other.Namespace != type.Namespace)
                {
                    Uses(type.Namespace).TryAdd(other.Namespace, $"{type.Name} uses {other.Name}");
                }
            }
        }
    }

    /// <summary>The shortest way from a namespace back to itself, each step with an example of it; empty if there is none.</summary>
    public IReadOnlyList<string> ShortestCycle() =>
        _uses.Keys.ToArray().Select(WayBack).Where(way => way.Count > 0).OrderBy(way => way.Count).FirstOrDefault([]);

    private List<string> WayBack(string start)
    {
        var from = new Dictionary<string, string>(StringComparer.Ordinal);
        var next = new Queue<string>([start]);
        while (next.TryDequeue(out var place))
        {
            foreach (var used in Uses(place).Keys)
            {
                if (used == start)
                {
                    return Steps(start, place, from);
                }

                if (from.TryAdd(used, place))
                {
                    next.Enqueue(used);
                }
            }
        }

        return [];
    }

    private List<string> Steps(string start, string last, Dictionary<string, string> from)
    {
        List<string> steps = [Step(last, start)];
        for (var place = last; place != start; place = from[place])
        {
            steps.Insert(0, Step(from[place], place));
        }

        return steps;
    }

    private string Step(string user, string used) => $"{user} -> {used} ({_uses[user][used]})";

    private SortedDictionary<string, string> Uses(string place)
    {
        if (!_uses.TryGetValue(place, out var uses))
        {
            _uses[place] = uses = new SortedDictionary<string, string>(StringComparer.Ordinal);
        }

        return uses;
    }

    private static TypeReference Outermost(TypeReference type) => type.DeclaringType is null ? type : Outermost(type.DeclaringType);

    /// <summary>What compilers add is in no namespace of ours, and serializers that are made for a type use whatever they need.</summary>
    private static bool IsOurs(TypeReference type) => type.Namespace == "Forge" || type.Namespace.StartsWith("Forge.", StringComparison.Ordinal);
}
