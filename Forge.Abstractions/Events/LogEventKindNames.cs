using Forge.Errors;

namespace Forge.Events;

/// <summary>The names of kinds of events in JSON and in streams: the camel case of their members, <c>created</c>. They never change.</summary>
public static class LogEventKindNames
{
    private static readonly Dictionary<LogEventKind, string> Names =
        Enum.GetValues<LogEventKind>().ToDictionary(k => k, k => char.ToLowerInvariant(k.ToString()[0]) + k.ToString()[1..]);

    private static readonly Dictionary<string, LogEventKind> Values = Names.ToDictionary(p => p.Value, p => p.Key, StringComparer.Ordinal);

    /// <summary>The name of a kind; <c>unknown</c> for one that is none of the defined ones.</summary>
    public static string ToName(this LogEventKind kind) => Names.GetValueOrDefault(kind) ?? Names[LogEventKind.Unknown];

    /// <summary>The kind of a name.</summary>
    /// <exception cref="InvalidRequestException">There is no such kind.</exception>
    public static LogEventKind Parse(string name) => name is not null && Values.TryGetValue(name, out var kind)
        ? kind
        : throw new InvalidRequestException("kind", $"must be one of {string.Join(", ", Names.Values)}");
}
