using Forge.Errors;

namespace Forge.Effects;

/// <summary>The names of classes, statuses and verdicts in JSON, exports and queries: the lower case of their members. They never change.</summary>
public static class EffectNames
{
    private static readonly Dictionary<string, EffectClass> Classes = NamesOf<EffectClass>();
    private static readonly Dictionary<string, EffectStatus> Statuses = NamesOf<EffectStatus>();
    private static readonly Dictionary<string, EffectVerdict> Verdicts = NamesOf<EffectVerdict>();

    /// <summary>The name of a class.</summary>
    /// <exception cref="InvalidRequestException">It is none of the defined ones.</exception>
    public static string ToName(this EffectClass value) => NameOf("class", Classes, value);

    /// <summary>The name of a status.</summary>
    /// <exception cref="InvalidRequestException">It is none of the defined ones.</exception>
    public static string ToName(this EffectStatus value) => NameOf("status", Statuses, value);

    /// <summary>The name of a verdict.</summary>
    /// <exception cref="InvalidRequestException">It is none of the defined ones.</exception>
    public static string ToName(this EffectVerdict value) => NameOf("verdict", Verdicts, value);

    /// <summary>The class of a name.</summary>
    /// <exception cref="InvalidRequestException">There is no such class.</exception>
    public static EffectClass ParseClass(string name) => Parse("class", Classes, name);

    /// <summary>The status of a name.</summary>
    /// <exception cref="InvalidRequestException">There is no such status.</exception>
    public static EffectStatus ParseStatus(string name) => Parse("status", Statuses, name);

    /// <summary>The verdict of a name.</summary>
    /// <exception cref="InvalidRequestException">There is no such verdict.</exception>
    public static EffectVerdict ParseVerdict(string name) => Parse("verdict", Verdicts, name);

    private static Dictionary<string, T> NamesOf<T>()
        where T : struct, Enum => Enum.GetValues<T>().ToDictionary(NameOf, v => v, StringComparer.Ordinal);

    private static string NameOf<T>(T value)
        where T : struct, Enum => char.ToLowerInvariant(value.ToString()[0]) + value.ToString()[1..];

    private static string NameOf<T>(string field, Dictionary<string, T> names, T value)
        where T : struct, Enum => names.ContainsValue(value)
            ? NameOf(value)
            : throw new InvalidRequestException(field, $"must be one of {string.Join(", ", names.Keys)}");

    private static T Parse<T>(string field, Dictionary<string, T> names, string name)
        where T : struct, Enum => name is not null && names.TryGetValue(name, out var value)
            ? value
            : throw new InvalidRequestException(field, $"must be one of {string.Join(", ", names.Keys)}");
}
