using Forge.Errors;
using Forge.Sessions;
using Forge.Silo.Http;

namespace Forge.Silo.Sessions;

/// <summary>A session's settings in JSON, both ways. What is left out falls back to the tenant's, then the silo's.</summary>
/// <param name="Labels">Labels to find the session by.</param>
/// <param name="AutomaticInterval">How long after the newest checkpoint an automatic one for time passed may be taken; an ISO 8601 duration.</param>
/// <param name="Retention">What a compaction without a policy of its own keeps, and what the background applies.</param>
/// <param name="TimeToLive">How long after its newest create the session is deleted; an ISO 8601 duration.</param>
internal sealed record SettingsBody(
    IReadOnlyDictionary<string, string>? Labels = null,
    string? AutomaticInterval = null,
    RetentionBody? Retention = null,
    string? TimeToLive = null)
{
    public static SettingsBody Of(SessionSettings settings) => new(
        settings.Labels,
        settings.AutomaticInterval is { } interval ? WireTime.Format(interval) : null,
        settings.Retention is { } retention ? RetentionBody.Of(retention) : null,
        settings.TimeToLive is { } life ? WireTime.Format(life) : null);

    public static SessionSettings Parse(ReadOnlyMemory<byte> json) =>
        JsonObjectReader.Read(json, "", (ref JsonObjectReader reader) =>
        {
            var settings = new SessionSettings();
            while (reader.Next(out var name))
            {
                switch (name)
                {
                    case "labels":
                        settings = settings with { Labels = ParseLabels(reader.Object()) };
                        break;
                    case "automaticInterval":
                        settings = settings with { AutomaticInterval = Duration(ref reader) };
                        break;
                    case "timeToLive":
                        settings = settings with { TimeToLive = Duration(ref reader) };
                        break;
                    case "retention":
                        settings = settings with
                        {
                            Retention = reader.Object() is { } retention ? RetentionBody.Parse(retention, "retention.") : null,
                        };
                        break;
                    default:
                        reader.RefuseUnknown();
                        break;
                }
            }

            return settings;
        });

    private static TimeSpan? Duration(ref JsonObjectReader reader) =>
        reader.String() is { } text ? WireTime.ParseDuration(reader.Field, text) : null;

    private static Dictionary<string, string> ParseLabels(ReadOnlyMemory<byte>? json) =>
        json is not { } bytes ? [] : JsonObjectReader.Read(bytes, "labels.", (ref JsonObjectReader reader) =>
        {
            var labels = new Dictionary<string, string>(StringComparer.Ordinal);
            while (reader.Next(out var name))
            {
                labels[name] = reader.String() ?? throw new InvalidRequestException(reader.Field, "must be a string");
            }

            return labels;
        });
}

/// <summary>What to keep, in JSON.</summary>
/// <param name="KeepRecent">Keep the newest this many.</param>
/// <param name="KeepTags">Keep those with any of these tags.</param>
/// <param name="KeepYoungerThan">Keep those younger than this ISO 8601 duration.</param>
internal sealed record RetentionBody(
    int? KeepRecent = null, IReadOnlyList<string>? KeepTags = null, string? KeepYoungerThan = null)
{
    public static RetentionBody Of(RetentionPolicy policy) => new(
        policy.KeepRecent,
        policy.KeepTags,
        policy.KeepYoungerThan is { } age ? WireTime.Format(age) : null);

    public static RetentionPolicy Parse(ReadOnlyMemory<byte> json, string path) =>
        JsonObjectReader.Read(json, path, (ref JsonObjectReader reader) =>
        {
            var policy = new RetentionPolicy();
            while (reader.Next(out var name))
            {
                if (!TryRead(ref reader, name, ref policy))
                {
                    reader.RefuseUnknown();
                }
            }

            return policy;
        });

    /// <summary>Reads a property where it is one of a policy.</summary>
    public static bool TryRead(ref JsonObjectReader reader, string name, ref RetentionPolicy policy)
    {
        switch (name)
        {
            case "keepRecent":
                policy = policy with { KeepRecent = Count(ref reader) };
                return true;
            case "keepTags":
                policy = policy with { KeepTags = reader.Strings() };
                return true;
            case "keepYoungerThan":
                policy = policy with
                {
                    KeepYoungerThan = reader.String() is { } text ? WireTime.ParseDuration(reader.Field, text) : null,
                };
                return true;
            default:
                return false;
        }
    }

    private static int? Count(ref JsonObjectReader reader) => reader.Integer() switch
    {
        null => null,
        >= 0 and <= int.MaxValue and var count => (int)count,
        _ => throw new InvalidRequestException(reader.Field, $"must be from 0 to {int.MaxValue}"),
    };
}
