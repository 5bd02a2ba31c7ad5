using System.CommandLine;
using Forge.Cli.Commands;
using Forge.Cli.Hosting;
using Forge.Cli.Http;
using Forge.Cli.Terminal;

namespace Forge.Cli.Sessions;

/// <summary><c>forge session info</c>.</summary>
internal static class InfoCommand
{
    public static Command Make(Surroundings surroundings)
    {
        var session = Names.Session();
        return new Command("info", "Show what a session is now.").Takes(session).Does(surroundings, async (call, cancellationToken) =>
        {
            var answer = await call.Http.GetAsync(Query.Session(call.Get(session)), ShapesJson.Default.SessionShape, cancellationToken);
            call.Show(answer, info => FieldsOf(info).WriteTo(call.Screen));
        });
    }

    private static Fields FieldsOf(SessionShape info)
    {
        var settings = info.Settings;
        return new Fields()
            .Add("session", info.Session)
            .Add("tenant", info.Tenant)
            .Add("created", Said.Time(info.CreatedAt))
            .Add("active", Said.Time(info.ActiveAt))
            .Add("checkpoints", $"{Said.Number(info.Count)} ({Said.Bytes(info.Bytes)})")
            .Add("head", info.Head is { } head ? $"#{head.Sequence}" : "none")
            .Add("current", info.Current is { } current ? $"#{current.Sequence}" : "none")
            .Add("last given", $"sequence {info.LastSequence}, position {info.LastPosition}")
            .Add("claim", ClaimCommand.Say(info.Claim))
            .Add("origin", info.Origin is { } origin ? $"#{origin.Sequence} of {origin.Session}{(origin.Gone ? " (gone)" : "")}" : null)
            .Add("forks", info.ForkCount is > 0 and var forks ? Said.Number(forks) : null)
            .Add("labels", string.Join(", ", settings.Labels.Select(label => $"{label.Key}:{label.Value}")))
            .Add("retention", settings.Retention is { } policy ? Say(policy) : null)
            .Add("time to live", settings.TimeToLive)
            .Add("schedule", settings.Schedule is { } schedule ? Say(schedule) : null)
            .Add("anchor", info.Chain is { } chain ? $"{info.LastPosition}:{chain}" : null);
    }

    private static string Say(RetentionShape policy) => string.Join(
        " or ",
        new[]
        {
            policy.KeepRecent is { } recent ? $"the newest {recent}" : null,
            policy.KeepTags is { Count: > 0 } tags ? $"tagged {string.Join(", ", tags)}" : null,
            policy.KeepYoungerThan is { } age ? $"younger than {age}" : null,
        }.Where(part => part is not null));

    private static string Say(ScheduleShape schedule) => string.Join(
        ", ",
        new[]
        {
            schedule.Every is { } every ? $"every {every}" : null,
            schedule.OnError ? "on errors" : null,
            schedule.OnToolCall ? "on tool calls" : null,
        }.Where(part => part is not null));
}
